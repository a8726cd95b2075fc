import { randomInt } from 'node:crypto';
import type { Clock } from '../../core/ports.ts';
import type { State } from './state.ts';

/** The state and settings behind every operation: one account in one region. */
export interface Account {
  readonly state: State;
  readonly clock: Clock;
  readonly region: string;
  readonly id: string;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** Random enough for passwords. */
export const secureRandom = (): number => randomInt(2 ** 32) / 2 ** 32;

/** The time of the account's clock, in milliseconds since the epoch. */
export const now = ({ clock }: Account): number => clock.now().getTime();

/** A time in the form of AWS JSON. */
export const epochSeconds = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : ms / 1000;

/** One of these characters, chosen with the account's randomness. */
export const pick = ({ random }: Account, characters: string): string =>
  characters.charAt(Math.floor(random() * characters.length));

/** A text of `length` characters, each chosen individually from `characters`. */
export function randomText(account: Account, characters: string, length: number): string {
  return Array.from({ length }, () => pick(account, characters)).join('');
}

/** A version 4 UUID from the account's randomness. */
export function randomId(account: Account): string {
  const digits = randomText(account, '0123456789abcdef', 32);
  const variant = pick(account, '89ab');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join('-');
}
