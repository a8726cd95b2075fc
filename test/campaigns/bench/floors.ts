import type { CallFigures } from './rotation/measure.ts';

/** The least number of calls that some work can take. */
export interface Floor {
  readonly aws: number;
  readonly vendor: number;
}

/**
 * The floors of each kind of work, by physics and not by habit. A rotation reads the admin secret,
 * stores a version and moves AWSCURRENT to it; the vendor issues, and its registry answers one
 * login. A revocation reads the password and writes down that it is done; the vendor revokes, and
 * the registry refuses one login. A check reads the password, and the registry answers. To see that
 * nothing is due takes one look.
 */
const floors: Readonly<Record<string, Floor>> = {
  'first credential': { aws: 3, vendor: 2 },
  rotation: { aws: 3, vendor: 2 },
  'rotation, no vendor': { aws: 2, vendor: 0 },
  revocation: { aws: 3, vendor: 2 },
  'health check': { aws: 1, vendor: 1 },
  'nothing due': { aws: 1, vendor: 0 },
};

/** Work that needs no admin secret, so that a warm engine saves no call. */
const withoutAdmin: readonly string[] = ['rotation, no vendor', 'health check', 'nothing due'];

/** The floor of one row; a warm engine does not read the admin secret. */
export function floorOf({ work, warm }: Pick<CallFigures, 'work' | 'warm'>): Floor {
  const floor = floors[work];
  if (!floor) throw new Error(`there is no floor for ${work}`);
  return warm && !withoutAdmin.includes(work) ? { ...floor, aws: floor.aws - 1 } : floor;
}
