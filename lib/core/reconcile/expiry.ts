import type { ErrorCode } from '../errors.ts';
import { DAY, plus } from '../time.ts';
import type { Run } from './run.ts';

/**
 * The expiry to request from the provider, if it supports one. If the provider cannot find or
 * revoke credentials, the expiry is what ends a lost one, so it comes soon. Otherwise it is so far
 * away that a delayed rotation causes no outage.
 */
export function expiryOf({ provider, target }: Run, issuedAt: Date): Date | undefined {
  if (!provider.capabilities.expiry) return undefined;
  const { interval, grace, soak } = target;
  const findable = provider.find && provider.revoke;
  return plus(issuedAt, (findable ? 3 : 1) * interval + 2 * grace + soak + DAY);
}

/** True if a failure of `issue` with this code may leave a live credential that cannot be found. */
export const isLost = ({ provider }: Run, code: ErrorCode): boolean =>
  !provider.find && ['unreachable', 'provider-failed', 'bad-answer', 'internal'].includes(code);
