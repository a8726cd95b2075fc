import { hash } from 'node:crypto';

/** From 0 to 1, always the same for a name: spreads the work of a fleet over time. */
export const share = (name: string): number =>
  Number.parseInt(hash('sha256', name).slice(0, 8), 16) / 2 ** 32;
