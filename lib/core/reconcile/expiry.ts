import type { ErrorCode } from '../errors.ts';
import { DAY, plus } from '../time.ts';
import type { Run } from './run.ts';

/**
 * When a credential that is issued then is to expire, where that can be said: where nothing can be
 * found again, the expiry ends what is lost; else it is so far off that a rotation held up is no
 * outage.
 */
export function expiryOf({ provider, target }: Run, issuedAt: Date): Date | undefined {
  if (!provider.capabilities.expiry) return undefined;
  const { interval, grace, soak } = target;
  const findable = provider.find && provider.revoke;
  return plus(issuedAt, (findable ? 3 : 1) * interval + 2 * grace + soak + DAY);
}

/** A failure of `issue` after which a credential may be alive that nobody can find. */
export const isLost = ({ provider }: Run, code: ErrorCode): boolean =>
  !provider.find && ['unreachable', 'provider-failed', 'bad-answer', 'internal'].includes(code);
