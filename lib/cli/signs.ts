import { agenda, type Reason, revocationTime } from '../core/decide/index.ts';
import type { Target } from '../core/fleet/index.ts';
import type { Backoff, Ledger, Version } from '../core/ledger/index.ts';
import { MINUTE, plus } from '../core/time.ts';

/** The input of `progress`: the ledger before a request, and the ledger now. */
export interface Look {
  readonly target: Target;
  /** The ledger before the request was published. */
  readonly before: Ledger;
  readonly after: Ledger;
  /** True if an earlier look saw that the request was accepted. */
  readonly accepted: boolean;
  /** When the request was published. */
  readonly since: Date;
  readonly now: Date;
}

/** The progress of a request, as far as the ledger shows it. */
export interface Progress {
  /** The steps so far, in order. The same step is always the same text. */
  readonly steps: readonly string[];
  /** The request is recorded, or rekey has acted on it. */
  readonly accepted: boolean;
  /** Accepted, but the rotation has to wait; without `until`, until a person intervenes. */
  readonly held?: { readonly message: string; readonly until?: Date };
  /** Set when the request has ended. */
  readonly end?: { readonly done: boolean; readonly message: string };
}

/** The same version in this ledger. */
export const find = (
  { versions }: Ledger,
  version: Pick<Version, 'id'> | undefined,
): Version | undefined => versions.find(({ id }) => id === version?.id);

/** True if the label with this time is new, or was rewritten. */
export const changed = (before: Date | undefined, after: Date | undefined): boolean =>
  after !== undefined && Number(after) !== Number(before ?? Number.NaN);

/** The outcome for one credential, as text. */
export interface Fate {
  readonly text: string;
  readonly dead?: true;
  readonly failed?: true;
}

/** How or when the credential of a version ends; `undefined` while its end is imminent. */
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
      text: `is not revoked: ${backoff.code}; next try at ${backoff.until.toISOString()}`,
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

/** A failure after the request; `undefined` if there is none. */
export function failed(look: Look, backoff: Backoff | undefined): string | undefined {
  if (!backoff || !changed(find(look.before, look.before.current)?.backoff?.at, backoff.at))
    return undefined;
  const { code, failures, until } = backoff;
  return hint(look, `failed: ${code}, ${failures} in a row; next try at ${until.toISOString()}`);
}

/** The reason why the requested rotation has to wait; `undefined` if it does not. */
export function heldBack({ target, after, now }: Look, reason: Reason): Progress['held'] {
  const dues = agenda({ target, ledger: after, now }).filter(({ action }) => action === 'rotate');
  const due =
    dues.find((one) => one.reason === reason) ?? dues.find((one) => one.reason === 'never-issued');
  if (!due?.gate || after.started || due.at <= now) return undefined;
  const until = Number(due.at) < FAR ? due.at : undefined;
  const when = until
    ? `until ${until.toISOString()}; the request is recorded, and rekey rotates then`
    : `until a person makes room: rekey status ${target.name}`;
  return { message: `not rotated: held by ${due.gate} ${when}`, ...(until && { until }) };
}

/** `decide` gives work that waits for a person a time after this. */
const FAR = Date.UTC(9000, 0);

/** A message with the command that shows more. */
export const hint = ({ target }: Look, message: string): string =>
  `${message}. To see more: rekey status ${target.name}`;
