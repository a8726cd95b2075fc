import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { InboundType } from '../../lib/core/events/index.ts';
import type { Step, VendorCall } from '../../lib/core/reconcile/index.ts';
import type { Measures } from '../../lib/core/sweep/measure.ts';
import { SECOND } from '../../lib/core/time.ts';

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];
type Dimensions = Readonly<Record<string, string>>;

/** Powertools flushes a metric automatically at 100 values, and forgets its dimensions. */
const VALUES = 99;

/**
 * Writes metrics as lines of CloudWatch's embedded metric format: once per set of dimensions, with
 * the fleet added to each set.
 */
function emit(
  fleet: string,
  sets: readonly Dimensions[],
  values: readonly (readonly [name: string, unit: Unit, value: number])[],
): void {
  for (let start = 0; start < values.length; start += VALUES) {
    const metrics = new Metrics({ namespace: 'rekey' });
    // otherwise `service` would be a dimension of every metric
    metrics.clearDefaultDimensions();
    metrics.setDefaultDimensions({ fleet });
    for (const set of sets) metrics.addDimensions({ ...set });
    for (const [name, unit, value] of values.slice(start, start + VALUES))
      metrics.addMetric(name, unit, value);
    metrics.publishStoredMetrics();
  }
}

const { Count, Seconds, Milliseconds, NoUnit } = MetricUnit;

/**
 * The numbers of a sweep. Targets are not a dimension: a thousand targets would be a thousand
 * metrics to pay for. The log names them.
 */
export function sweepMetrics(
  fleet: string,
  { troubles, ages, removed }: Measures,
  { due, waiting }: { readonly due: number; readonly waiting: number },
): void {
  const count = (...kinds: string[]) =>
    new Set(troubles.filter(({ kind }) => kinds.includes(kind)).map(({ target }) => target)).size;
  emit(
    fleet,
    [{}],
    [
      ['SweepsCompleted', Count, 1],
      ['TargetsDue', Count, due],
      ['TargetsWaiting', Count, waiting],
      ['TargetsFailing', Count, count('failing')],
      ['TargetsBlocked', Count, count('blocked')],
      ['CompromisedOpen', Count, troubles.filter(({ kind }) => kind === 'compromised-open').length],
      [
        'CompromisesUnconfirmed',
        Count,
        troubles.filter(({ kind }) => kind === 'compromise-unconfirmed').length,
      ],
      [
        'RevocationsOverdue',
        Count,
        troubles.filter(({ kind }) => kind === 'revocation-overdue').length,
      ],
      ['AdminsRefused', Count, count('admin-refused')],
      ['SecretsMissing', Count, count('secret-missing')],
      ['TargetsUnhealthy', Count, count('unhealthy')],
      [
        'RegistriesDoubted',
        Count,
        troubles.filter(({ kind }) => kind === 'registry-doubted').length,
      ],
      ['TargetsRemoved', Count, removed.length],
    ],
  );
  for (const [provider, group] of Object.entries(Object.groupBy(ages, (one) => one.provider))) {
    const sets: readonly Dimensions[] = [{}, { provider }];
    emit(
      fleet,
      sets,
      (group ?? []).map(({ age }) => ['CredentialAge', Seconds, age / SECOND]),
    );
    emit(
      fleet,
      sets,
      (group ?? []).map(({ age, interval }) => ['CredentialAgeRatio', NoUnit, age / interval]),
    );
  }
}

/**
 * True if a step completed a rotation. If Secrets Manager drives, `rotate` only starts its rotation
 * and `finish` is the last of its four steps.
 */
const rotated = ({ target: { driver }, decision: { action } }: Step): boolean =>
  action === 'finish' || (action === 'rotate' && driver === 'rekey');

/** Counts one step of a worker: a failure, a rotation or a revocation. */
export function stepMetrics(step: Step): void {
  const { target, decision, error } = step;
  const { fleet, provider } = target;
  const { action, reason } = decision;
  if (error) emit(fleet, [{}, { provider, reason: error.code }], [['Failures', Count, 1]]);
  else if (rotated(step)) emit(fleet, [{}, { provider, reason }], [['Rotations', Count, 1]]);
  else if (action === 'revoke') emit(fleet, [{}, { provider }], [['Revocations', Count, 1]]);
}

/** Records how long a call to a provider took, and whether it was throttled. */
export function vendorMetrics(fleet: string, { provider, took, status }: VendorCall): void {
  emit(
    fleet,
    [{ provider }],
    [
      ['VendorLatency', Milliseconds, took],
      ['VendorThrottles', Count, status === 429 ? 1 : 0],
    ],
  );
}

/** The metric for each event that rekey publishes in the middle of other steps. */
const counted: Readonly<Record<string, string>> = {
  'Orphan Revoked': 'OrphansRevoked',
  'Revocation Abandoned': 'RevocationsAbandoned',
};

/** Counts an event if there is a metric for its type. */
export function eventMetrics(fleet: string, detailType: string, provider: string): void {
  const name = counted[detailType];
  if (name) emit(fleet, [{}, { provider }], [[name, Count, 1]]);
}

/** Counts a request that was taken off the bus. */
export function requestMetrics(fleet: string, request: InboundType): void {
  emit(fleet, [{}, { request }], [['Requests', Count, 1]]);
}

/** Counts a message that can never be processed. */
export function refusedMetrics(fleet: string): void {
  emit(fleet, [{}], [['MessagesRefused', Count, 1]]);
}

/** Counts orphans that a provider did not revoke. */
export function orphanMetrics(fleet: string, provider: string, alive: number): void {
  emit(fleet, [{}, { provider }], [['OrphansAlive', Count, alive]]);
}
