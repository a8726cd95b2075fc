import type { Target } from '../fleet/target.ts';
import { share } from '../ids/share.ts';
import type { CredentialNote, Version } from '../ledger/index.ts';
import { formatDuration, plus } from '../time.ts';
import { renewalTime } from './renewal.ts';
import { ALWAYS, type Reason, type Situation } from './situation.ts';

/** A need to rotate, which may have to wait: see gates.ts. */
export interface Need {
  readonly reason: Reason;
  readonly message: string;
  readonly at: Date;
  /** Does not wait for the maintenance window, nor after a rollback. */
  readonly urgent: boolean;
  /** AWSCURRENT is dead, or has to die: no other work may come first. */
  readonly critical?: true;
}

/** The input of each reason. */
interface Facts {
  readonly target: Target;
  /** The current version, if rekey issued its credential. */
  readonly issued: (Version & { readonly credential: CredentialNote }) | undefined;
  /** The current version, if rekey did not. */
  readonly foreign: Version | undefined;
}

/**
 * Finds one reason why a target needs another credential, and the time from which it does;
 * `undefined` if the reason does not apply.
 */
type RotationReason = (facts: Facts) => Need | undefined;

const neverIssued: RotationReason = ({ issued, foreign }) => {
  if (issued) return undefined;
  const message = foreign
    ? 'the current version was not issued by rekey'
    : 'no credential was issued yet';
  return { reason: 'never-issued', message, at: ALWAYS, urgent: true, critical: true };
};

const compromised: RotationReason = ({ issued }) =>
  issued?.compromisedAt && {
    reason: 'compromised',
    message: 'the current credential is compromised',
    at: issued.compromisedAt,
    urgent: true,
    critical: true,
  };

const requested: RotationReason = ({ issued }) =>
  issued?.requested && {
    reason: 'requested',
    message: 'a rotation was requested',
    at: issued.requested.at,
    urgent: true,
  };

/** Refusals in a row after which rekey considers the current credential dead. */
export const UNHEALTHY = 2;

const unhealthy: RotationReason = ({ issued }) => {
  const { refused } = issued ?? {};
  if (!refused || refused.times < UNHEALTHY) return undefined;
  const message = 'the registry refuses the current credential';
  return { reason: 'unhealthy', message, at: refused.at, urgent: true, critical: true };
};

const specChanged: RotationReason = ({ target, issued }) => {
  const { spec, place = target.place } = issued?.credential ?? {};
  if (!issued || (spec === target.spec && place === target.place)) return undefined;
  const message = 'issued for other parameters than the fleet file has now';
  return { reason: 'spec-changed', message, at: ALWAYS, urgent: false };
};

const expiring: RotationReason = ({ target, issued }) => {
  const renewal = issued && renewalTime(target, issued.credential);
  if (!renewal) return undefined;
  const message = `expires at ${issued.credential.expiresAt?.toISOString()}`;
  return { reason: 'expiring', message, at: renewal, urgent: true };
};

const tooOld: RotationReason = ({ target, issued }) => {
  if (!issued) return undefined;
  const { issuedAt } = issued.credential;
  const every = formatDuration(target.interval);
  const message = `issued at ${issuedAt.toISOString()}, rotated every ${every}`;
  const age = target.interval * (0.9 + 0.1 * phase(target));
  return { reason: 'too-old', message, at: plus(issuedAt, age), urgent: false };
};

/**
 * From 0 to 1, always the same for a target: spreads the rotations of a fleet that was issued at
 * once over a tenth of the interval.
 */
export const phase = ({ fleet, name }: Target): number => share(`phase/${fleet}/${name}`);

/** The reasons to rotate, most critical first: rekey acts on the first that is due. */
export const reasons: readonly RotationReason[] = [
  neverIssued, // no credential of ours is current; no other reason applies then
  compromised, // a person reported it: it has to die, and its successor comes first
  requested, // a person asked for it
  unhealthy, // the registry refused it, twice in a row
  specChanged, // the fleet file has other parameters, or another place
  expiring, // its own expiry comes, and its successor needs time before that
  tooOld, // its interval is over
];

/** Several rules ask for the needs of one situation. */
const known = new WeakMap<Situation, readonly Need[]>();

/** All needs to rotate, due now or later; a gate may still hold them back. */
export function needs(situation: Situation): readonly Need[] {
  const before = known.get(situation);
  if (before) return before;
  const found = needsOf(situation);
  known.set(situation, found);
  return found;
}

function needsOf({ target, ledger: { current } }: Situation): readonly Need[] {
  const { credential } = current ?? {};
  const issued = current && credential && { ...current, credential };
  const facts = { target, issued, foreign: issued ? undefined : current };
  return reasons.flatMap((reason) => reason(facts) ?? []);
}
