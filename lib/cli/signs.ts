import { agenda, type Reason, revocationTime } from '../core/decide/index.ts';
import type { Target } from '../core/fleet/index.ts';
import type { Backoff, Ledger, Version } from '../core/ledger/index.ts';
import { MINUTE, plus } from '../core/time.ts';

/** What `progress` compares: the ledger before a request and now. */
export interface Look {
  readonly target: Target;
  /** The ledger before the request was published. */
  readonly before: Ledger;
  readonly after: Ledger;
  /** An earlier look saw that it was accepted. */
  readonly accepted: boolean;
  /** When it was published. */
  readonly since: Date;
  readonly now: Date;
}

/** What can be seen in the ledger of what became of a request. */
export interface Progress {
  /** The steps so far, in order. The same step is always the same text. */
  readonly steps: readonly string[];
  /** The request is written down, or acted on. */
  readonly accepted: boolean;
  /** Accepted, but the rotation has to wait; without `until`, until somebody intervenes. */
  readonly held?: { readonly message: string; readonly until?: Date };
  /** Nothing more is to come. */
  readonly end?: { readonly done: boolean; readonly message: string };
}

/** The same version, as this ledger has it. */
export const find = (
  { versions }: Ledger,
  version: Pick<Version, 'id'> | undefined,
): Version | undefined => versions.find(({ id }) => id === version?.id);

export const changed = (before: Date | undefined, after: Date | undefined): boolean =>
  after !== undefined && Number(after) !== Number(before ?? Number.NaN);

export interface Fate {
  readonly text: string;
  readonly dead?: true;
  readonly failed?: true;
}

/**
 * What became of the credential of a version that is to end, or when it ends; `undefined` while
 * that is about to happen.
 */
export function fateOf({ target, before, after, now }: Look, old: Version): Fate | undefined {
  const version = find(after, old);
  if (!version?.credential)
    return { text: target.revocable ? 'is revoked' : 'has expired', dead: true };
  if (version.current || version.pending) return undefined;
  if (version.disabledAt)
    return { text: `is disabled since ${version.disabledAt.toISOString()}`, dead: true };
  const backoff = version.revokeBackoff;
  if (backoff && changed(find(before, old)?.revokeBackoff?.at, backoff.at))
    return {
      text: `is not revoked: ${backoff.code}; tried again at ${backoff.until.toISOString()}`,
      failed: true,
    };
  const end = revocationTime(target, version);
  if (!end || end <= plus(now, MINUTE)) return undefined;
  return {
    text: target.revocable
      ? `stays alive until ${end.toISOString()}`
      : `can only expire, at ${end.toISOString()}`,
  };
}

/** A failure that came after the request. */
export function failed(look: Look, backoff: Backoff | undefined): string | undefined {
  if (!backoff || !changed(find(look.before, look.before.current)?.backoff?.at, backoff.at))
    return undefined;
  const { code, failures, until } = backoff;
  return hint(look, `failed: ${code}, ${failures} in a row; tried again at ${until.toISOString()}`);
}

/** Why the rotation that was asked for has to wait. */
export function heldBack({ target, after, now }: Look, reason: Reason): Progress['held'] {
  const dues = agenda({ target, ledger: after, now }).filter(({ action }) => action === 'rotate');
  const due =
    dues.find((one) => one.reason === reason) ?? dues.find((one) => one.reason === 'never-issued');
  if (!due?.gate || after.started || due.at <= now) return undefined;
  const until = Number(due.at) < FAR ? due.at : undefined;
  const when = until
    ? `until ${until.toISOString()}; the request stands, and rekey rotates then`
    : `until somebody makes room: rekey status ${target.name}`;
  return { message: `not rotated: held by ${due.gate} ${when}`, ...(until && { until }) };
}

/** `decide` puts what waits for a person at the end of time. */
const FAR = Date.UTC(9000, 0);

export const hint = ({ target }: Look, message: string): string =>
  `${message}. To see more: rekey status ${target.name}`;
