import type { ErrorCode } from '../../lib/core/errors.ts';
import type { Target } from '../../lib/core/fleet/index.ts';
import { labels } from '../../lib/core/ledger.ts';
import type { Snapshot } from '../../lib/core/ports.ts';
import { DAY, HOUR, MINUTE } from '../../lib/core/time.ts';

export const T0 = new Date('2026-01-15T09:30:00Z');

export const at = (ms: number): Date => new Date(T0.getTime() + ms);

/** A healthy target: rotated every 30 days, one day of grace, one of soak. */
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

  constructor(letter: string) {
    this.id = id(letter);
  }

  copy(): VersionBuilder {
    return new VersionBuilder(this.id.charAt(0)).stage(...this.stages);
  }

  stage(...stages: string[]): this {
    this.stages.push(...stages);
    return this;
  }

  current = (): this => this.stage('AWSCURRENT');
  pending = (): this => this.stage('AWSPENDING');
  previous = (): this => this.stage('AWSPREVIOUS');

  issued(issuedAt: Date, { expiresAt, spec = 'cafe0001' }: { expiresAt?: Date; spec?: string } = {}): this {
    const note = { issuedAt, spec, reason: 'too-old', id: `credential-${this.id[0]}`, ...(expiresAt && { expiresAt }) };
    return this.stage(labels.credential(this.id, note));
  }

  revokeAfter = (time: Date): this => this.stage(labels.revokeAfter(this.id, time));
  disabled = (time: Date): this => this.stage(labels.disabled(this.id, time));
  warned = (time: Date): this => this.stage(labels.warned(this.id, time));
  requested = (time: Date): this => this.stage(labels.requested(this.id, time));
  compromised = (time: Date): this => this.stage(labels.compromised(this.id, time));
  rollback = (time: Date, to: string): this => this.stage(labels.rollback(this.id, time, id(to)));
  backoff = (
    failures: number,
    time: Date,
    until: Date,
    kind: 'backoff' | 'revoke-backoff' = 'backoff',
    code: ErrorCode = 'provider-failed',
  ): this => this.stage(labels.backoff(kind, this.id, { failures, at: time, until, code, spec: 'cafe0001' }));
}

export const v = (letter: string): VersionBuilder => new VersionBuilder(letter);

export const aSnapshot = (...versions: readonly VersionBuilder[]): Snapshot => ({
  arn: 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:rekey/acme/app-AbCdEf',
  name: 'rekey/acme/app',
  versions: Object.fromEntries(versions.map((version) => [version.id, version.stages])),
});

export { DAY, HOUR, MINUTE };
