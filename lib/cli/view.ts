import { type Decision, decide, rollbackCandidate, rollbackUntil } from '../core/decide/index.ts';
import type { Target } from '../core/fleet/index.ts';
import { type Ledger, parseLedger, superseded } from '../core/ledger/index.ts';
import type { Snapshot } from '../core/ports.ts';
import { formatDuration } from '../core/time.ts';

/** The state of a target; the first one that applies. */
export type State =
  | 'no-secret'
  | 'empty'
  | 'failing'
  | 'expired'
  | 'candidate'
  | 'grace'
  | 'healthy';

/** One target in `plan` and `status`, and in their `--json`. */
export interface View {
  readonly target: string;
  readonly provider: string;
  readonly secret: string;
  readonly state: State;
  /** The next action, or `-`. */
  readonly due: string;
  readonly reason: string;
  readonly message: string;
  /** When; absent if nothing will be due. */
  readonly when?: string;
  /** The gate that holds it back until then. */
  readonly gate?: string;
  readonly current?: {
    readonly version: string;
    readonly credential: string;
    readonly issuedAt: string;
    readonly expiresAt?: string;
  };
  readonly superseded: readonly {
    readonly version: string;
    readonly credential: string;
    readonly revokeAfter?: string;
    readonly disabledAt?: string;
    readonly failing?: string;
  }[];
  readonly failing?: {
    readonly failures: number;
    readonly errorClass: string;
    readonly retryAt: string;
  };
  /** The version that a rollback would restore, and until when that is possible. */
  readonly rollback?: { readonly version: string; readonly until: string };
}

/** The view of one target, from a snapshot of its secret. */
export function view(target: Target, snapshot: Snapshot | undefined, now: Date): View {
  const decision = decide(target, snapshot, now);
  const ledger = snapshot && parseLedger(snapshot);
  const { current, versions = [] } = ledger ?? {};
  const note = current?.credential;
  const backoff = current?.backoff;
  const candidate = ledger && rollbackCandidate(target, ledger, now);
  const until = candidate && rollbackUntil(target, candidate);
  return {
    target: target.name,
    provider: target.provider,
    secret: target.secret,
    state: stateOf(ledger, now),
    ...next(decision, now),
    ...(current &&
      note && {
        current: {
          version: current.id,
          credential: note.id,
          issuedAt: note.issuedAt.toISOString(),
          ...(note.expiresAt && { expiresAt: note.expiresAt.toISOString() }),
        },
      }),
    superseded: versions.filter(superseded).map((version) => ({
      version: version.id,
      credential: version.credential.id,
      ...(version.revokeAfter && { revokeAfter: version.revokeAfter.toISOString() }),
      ...(version.disabledAt && { disabledAt: version.disabledAt.toISOString() }),
      ...(version.revokeBackoff && { failing: version.revokeBackoff.code }),
    })),
    ...(backoff && {
      failing: {
        failures: backoff.failures,
        errorClass: backoff.code,
        retryAt: backoff.until.toISOString(),
      },
    }),
    ...(candidate && until && { rollback: { version: candidate.id, until: until.toISOString() } }),
  };
}

/** The next action, due now or later. */
export function next(
  decision: Decision,
  now: Date,
): Pick<View, 'due' | 'reason' | 'message' | 'when' | 'gate'> {
  const { action, reason, message } = decision;
  if (action !== 'wait') return { due: action, reason, message, when: now.toISOString() };
  const { at, next: coming } = decision;
  return {
    due: coming?.action ?? '-',
    reason: coming?.reason ?? reason,
    message: coming?.message ?? message,
    ...(at && { when: at.toISOString() }),
    ...(coming?.gate && { gate: coming.gate }),
  };
}

function stateOf(ledger: Ledger | undefined, now: Date): State {
  if (!ledger || ledger.deleted) return 'no-secret';
  const { current, pending, versions } = ledger;
  if (
    current?.backoff ||
    versions.some(
      ({ revokeBackoff, credential }) => credential && revokeBackoff && revokeBackoff.until > now,
    )
  )
    return 'failing';
  if (pending) return 'candidate';
  if (!current?.credential) return 'empty';
  if (current.credential.expiresAt && current.credential.expiresAt <= now) return 'expired';
  return versions.some(superseded) ? 'grace' : 'healthy';
}

/** True for states in which workloads lose access, now or soon, unless a person helps. */
export const needsHelp = ({ state }: View): boolean =>
  ['no-secret', 'failing', 'expired'].includes(state);

/** `now`, or the time left, such as `in 3h`; `-` without a time. */
export function inWords(when: string | undefined, now: Date): string {
  if (!when) return '-';
  const left = Date.parse(when) - now.getTime();
  return left <= 0 ? 'now' : `in ${formatDuration(left)}`;
}

/** Formats rows under headings, in aligned columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
