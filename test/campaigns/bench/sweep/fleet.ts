import type { Fleet, Target } from '../../../../lib/core/fleet/index.ts';
import { successor } from '../../../../lib/core/ids/label.ts';
import { digest, labels } from '../../../../lib/core/ledger/index.ts';
import type { Snapshot } from '../../../../lib/core/ports.ts';
import { DAY, HOUR, MINUTE, plus } from '../../../../lib/core/time.ts';

/** The time of the benched sweep. */
export const NOW = new Date('2026-01-15T09:30:00Z');
const at = (ms: number): Date => plus(NOW, ms);

const providers = ['one', 'two', 'three', 'four', 'five'];
const verify = { within: 2 * MINUTE, every: HOUR };

function target(index: number): Target {
  const provider = providers[index % providers.length] ?? '';
  const name = `app-${String(index).padStart(6, '0')}`;
  return {
    fleet: 'bench',
    name,
    secret: `rekey/bench/${name}`,
    provider,
    admin: `admin/${provider}`,
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
    verify,
  };
}

/**
 * The ledger of one target. Eight of twelve are calm; one each is in its grace, is in its soak, has
 * labels of a dead credential, and fails.
 */
export function snapshotOf({ secret }: Target, index: number): Snapshot {
  const arn = `arn:aws:secretsmanager:eu-central-1:000000000000:secret:${secret}-AbCdEf`;
  const first = successor(arn, '', index);
  const second = successor(arn, first, 0);
  const issued = (id: string, days: number) =>
    labels.credential(id, {
      issuedAt: at(-days * DAY - (index % 1000) * MINUTE),
      spec: 'cafe0001',
      reason: 'too-old',
      id: `credential-${index}-${days}`,
      provider: providers[index % providers.length] ?? '',
      place: 'place001',
    });
  const age = 1 + (index % 25);
  const current = ['AWSCURRENT', issued(second, age)];
  const retired = labels.revokeAfter(first, at(12 * HOUR), digest(second), at(-12 * HOUR));
  const previous: Record<number, readonly string[]> = {
    8: [issued(first, 29), retired],
    9: [issued(first, 29), retired, labels.disabled(first, at(-HOUR))],
    10: [retired],
  };
  const failed = { failures: 1, at: at(-HOUR), until: at(HOUR), spec: 'cafe0001' };
  if (index % 12 === 11)
    current.push(labels.backoff(second, { ...failed, code: 'provider-failed' }));
  return {
    arn,
    name: secret,
    versions: {
      [first]: ['AWSPREVIOUS', ...(previous[index % 12] ?? [])],
      [second]: current,
    },
  };
}

/** A fleet of any size, without a file: the schema of a fleet file ends at 10,000 targets. */
export const benchFleet = (count: number): Fleet => ({
  id: 'bench',
  targets: Array.from({ length: count }, (_, index) => target(index)),
});
