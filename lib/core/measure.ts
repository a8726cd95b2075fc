import { UNHEALTHY } from './decide/rotation.ts';
import { revocationTime } from './decide/situation.ts';
import type { ErrorCode } from './errors.ts';
import type { Target } from './fleet/target.ts';
import { type Ledger, parseLedger, superseded } from './ledger.ts';
import type { Sweep } from './sweep.ts';
import { HOUR, plus } from './time.ts';

/** What is not as it should be with one target. */
export interface Trouble {
  readonly target: string;
  readonly provider: string;
  readonly kind: 'failing' | 'unhealthy' | 'revocation-overdue' | 'admin-refused' | 'secret-missing';
  /** What to look at: the class of the last error, or the credential's id. */
  readonly detail: string;
}

export interface Measures {
  readonly troubles: readonly Trouble[];
  /** Of each current credential, in milliseconds. */
  readonly ages: readonly {
    readonly target: string;
    readonly provider: string;
    readonly age: number;
    readonly interval: number;
  }[];
  /** Names of secrets with the fleet's tag that no target names, and behind which credentials are alive. */
  readonly removed: readonly string[];
}

/** Failures in a row from which on it no longer looks like a hiccup: about half an hour of trying. */
export const FAILING = 3;

/** How late a revocation may be before somebody is told. */
export const OVERDUE = 1 * HOUR;

const adminTroubles: readonly ErrorCode[] = ['admin-refused', 'admin-missing', 'forbidden'];

/** Reads from what a sweep saw how the fleet is. Pure: everything is in the labels. */
export function measure({ targets, strangers }: Sweep, now: Date): Measures {
  const troubles: Trouble[] = [];
  const ages: { target: string; provider: string; age: number; interval: number }[] = [];
  for (const { target, snapshot, decision } of targets) {
    const { name, provider, interval } = target;
    const found = (kind: Trouble['kind'], detail: string) => troubles.push({ target: name, provider, kind, detail });
    if (!snapshot || decision.reason === 'secret-missing') {
      found('secret-missing', decision.message);
      continue;
    }
    const ledger = parseLedger(snapshot);
    const issuedAt = ledger.current?.credential?.issuedAt;
    if (issuedAt) ages.push({ target: name, provider, interval, age: Math.max(0, Number(now) - Number(issuedAt)) });
    if ((ledger.current?.refused?.times ?? 0) >= UNHEALTHY) found('unhealthy', ledger.current?.credential?.id ?? '');
    for (const { failures, code } of failuresOf(target, ledger)) {
      if (failures >= FAILING) found('failing', code);
      if (adminTroubles.includes(code)) found('admin-refused', target.admin);
    }
    for (const id of overdue(target, ledger, now)) found('revocation-overdue', id);
  }
  const removed = strangers.filter((stranger) => alive(parseLedger(stranger))).map(({ name }) => name);
  return { troubles, ages, removed };
}

/** What is failing just now: superseding the current version, revoking one before it. */
function failuresOf({ spec }: Target, { current, versions }: Ledger) {
  const backoffs = [current?.backoff, ...versions.filter(superseded).map(({ revokeBackoff }) => revokeBackoff)];
  return backoffs.filter((backoff) => backoff !== undefined).filter((backoff) => backoff.spec === spec);
}

/** Ids of superseded credentials that should be gone for an hour. */
function overdue(target: Target, { versions }: Ledger, now: Date): readonly string[] {
  return versions
    .filter(superseded)
    .filter((version) => {
      const due = version.disabledAt ? plus(version.disabledAt, target.soak) : revocationTime(target, version);
      return due !== undefined && plus(due, OVERDUE) < now;
    })
    .map(({ credential }) => credential.id);
}

const alive = ({ versions, deleted }: Ledger): boolean => !deleted && versions.some(({ credential }) => credential);
