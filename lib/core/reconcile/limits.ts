import { limitOf, type Reason } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import { now, type Run } from './run.ts';

/** The error of each limit. */
export const limitCodes = {
  'too-soon': 'throttled',
  'too-many-alive': 'quota',
  'label-limit': 'label-limit',
} as const;

/** Throws if another credential must not be issued now. */
export function withinLimits(run: Run, reason: Reason): void {
  const { target, record } = run;
  const limit = limitOf(target, record.ledger, now(run), reason);
  if (!limit) return;
  const about =
    limit.reason === 'too-many-alive'
      ? `${target.liveAtOnce} credentials are alive, and one of them cannot be ended`
      : limit.reason;
  throw new RekeyError(limitCodes[limit.reason], `${target.name} cannot be rotated now: ${about}`);
}
