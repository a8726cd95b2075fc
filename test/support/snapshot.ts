import type { ErrorCode } from '../../lib/core/errors.ts';
import type { Target } from '../../lib/core/fleet/index.ts';
import { successor } from '../../lib/core/ids/label.ts';
import { type Confirmation, type CredentialNote, labels } from '../../lib/core/ledger/index.ts';
import type { Snapshot } from '../../lib/core/ports.ts';
import { candidacy } from '../../lib/core/reconcile/candidacy.ts';
import type { Doubts } from '../../lib/core/sweep/doubt.ts';
import { DAY, HOUR, MINUTE } from '../../lib/core/time.ts';

export const T0 = new Date('2026-01-15T09:30:00Z');

export const at = (ms: number): Date => new Date(T0.getTime() + ms);

/** A healthy target: rotated every 30 days, with one day of grace and one of soak. */
export const aTarget = (change: Partial<Target> = {}): Target => ({
  fleet: 'acme',
  name: 'app',
  secret: 'rekey/acme/app',
  provider: 'ionos',
  admin: 'admin/ionos',
  params: {},
  place: 'place001',
  driver: 'rekey',
  spec: 'cafe0001',
  format: 'fields',
  interval: 30 * DAY,
  grace: DAY,
  soak: DAY,
  compromisedGrace: 0,
  revocable: true,
  liveAtOnce: Number.POSITIVE_INFINITY,
  verify: { within: 2 * MINUTE, every: HOUR },
  ...change,
});

export const id = (letter: string): string => `${letter.repeat(8)}-0000-5000-8000-000000000000`;

/** A version in a snapshot: `v('a').current().issued(T0)`. */
export class VersionBuilder {
  readonly id: string;
  readonly stages: string[] = [];

  constructor(versionId: string) {
    this.id = versionId;
  }

  copy(): VersionBuilder {
    return new VersionBuilder(this.id).stage(...this.stages);
  }

  stage(...stages: string[]): this {
    this.stages.push(...stages);
    return this;
  }

  current = (): this => this.stage('AWSCURRENT');
  /** Staged by Secrets Manager's own rotation. */
  staged = (): this => this.stage('AWSPENDING');
  previous = (): this => this.stage('AWSPREVIOUS');

  issued(issuedAt: Date, change: Partial<CredentialNote> = {}): this {
    const note = {
      issuedAt,
      spec: 'cafe0001',
      reason: 'too-old',
      id: `credential-${this.id[0]}`,
      ...change,
    };
    return this.stage(labels.credential(this.id, note));
  }

  /** A candidate to replace the version with this letter. */
  candidate = (base: string, since: Date = T0, kind: 'rotation' | 'rollback' = 'rotation'): this =>
    this.stage(labels.candidate(this.id, candidacy(kind, id(base), this.id, since)));
  /** `by`: letter of the version that superseded it, and since when. Without it, a person did. */
  revokeAfter = (
    time: Date,
    by?: string,
    since: Date = T0,
    kind: 'rotation' | 'rollback' = 'rotation',
  ): this =>
    this.stage(
      labels.revokeAfter(
        this.id,
        time,
        by && candidacy(kind, this.id, id(by), since).promotion,
        since,
      ),
    );
  /** `over`: letter of the version that it was to supersede, as a candidate since then. */
  discarded = (time: Date, over?: string, since: Date = T0): this =>
    this.stage(
      labels.discarded(
        this.id,
        time,
        over ? candidacy('rotation', id(over), this.id, since) : undefined,
      ),
    );
  disabled = (time: Date): this => this.stage(labels.disabled(this.id, time));
  warned = (time: Date): this => this.stage(labels.warned(this.id, time));
  /** `held`: the gate that the requester was notified of. */
  requested = (time: Date, correlationId?: string, held?: string): this =>
    this.stage(labels.requested(this.id, time, correlationId, held));
  /**
   * Every credential issued until then is compromised, on any version that carries this label.
   * `first`: the first of several reports.
   */
  compromised = (
    time: Date,
    correlationId?: string,
    held?: string,
    first = time,
    confirmation?: Confirmation,
  ): this =>
    this.stage(labels.compromised(this.id, { at: time, correlationId, held, first, confirmation }));
  /** The same, with its confirmation. */
  confirmation = (time: Date, confirmation: Confirmation): this =>
    this.compromised(time, undefined, undefined, time, confirmation);
  rollback = (time: Date, to: string, correlationId?: string): this =>
    this.stage(labels.rollback(this.id, time, id(to), correlationId));
  refused = (time: Date, times: number): this => this.stage(labels.refused(this.id, time, times));
  used = (time: Date, attempt = 0, orphan?: string): this =>
    this.stage(labels.used(this.id, time, attempt, orphan));
  removed = (time: Date): this => this.stage(labels.removed(this.id, time));
  retired = (time: Date): this => this.stage(labels.retired(this.id, time));
  backoff = (
    failures: number,
    time: Date,
    until: Date,
    kind: 'backoff' | 'revoke-backoff' = 'backoff',
    code: ErrorCode = 'provider-failed',
    more: { readonly untold?: string; readonly confirmedAt?: Date } = {},
  ): this => {
    const note = { failures, at: time, until, code, spec: 'cafe0001', ...more };
    return this.stage(
      kind === 'backoff' ? labels.backoff(this.id, note) : labels.revokeBackoff(this.id, note),
    );
  };
}

export const v = (letter: string): VersionBuilder => new VersionBuilder(id(letter));

export const ARN = 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:rekey/acme/app-AbCdEf';

/** The version of this attempt to supersede the version with a letter. */
export const attemptAt = (base: string, attempt: number): VersionBuilder =>
  new VersionBuilder(successor(ARN, id(base), attempt));

export const aSnapshot = (...versions: readonly VersionBuilder[]): Snapshot => ({
  arn: ARN,
  name: 'rekey/acme/app',
  versions: Object.fromEntries(versions.map((version) => [version.id, version.stages])),
});

export { DAY, HOUR, MINUTE };

/** No registry is in doubt. */
export const noDoubts: Doubts = { registries: [], disbelieved: new Set(), again: new Set() };
