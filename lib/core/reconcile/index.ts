import { type Action, type Decision, type Due, decide } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import type { Target } from '../fleet/index.ts';
import { secretRecord } from '../ledger/record.ts';
import { SECOND } from '../time.ts';
import { attempt, checkCurrent, leavesNoTrace } from './attempt.ts';
import { awaitsConfirmation, type Brake } from './confirmation.ts';
import type { Engine, Step } from './engine.ts';
import { repeats } from './failure.ts';
import { announceHeld } from './held.ts';
import { fullPatience, isTriedAgain } from './patience.ts';
import type { Run } from './run.ts';

export { type Admins, rememberedAdmins } from './admins.ts';
export { providerCall, realmsOf } from './call.ts';
export type { Engine, Step, VendorCall } from './engine.ts';
export { type RotationStep, rotationStep, rotationSteps } from './native.ts';

/**
 * What must not be done on an old view of the secret: somebody may have rolled back to the
 * credential meanwhile.
 */
const needsFreshView: ReadonlySet<Action> = new Set([
  'revoke',
  'delete',
  'discard',
  'abandon',
  'enable',
]);
const FRESH = 30 * SECOND;

/** Steps of one run, before it leaves the rest to the next. */
const MAX_STEPS = 25;

export interface Outcome {
  /** What was done, in order; one with an error was tried and is backed off from. */
  readonly steps: readonly Step[];
  /** The decision it came to rest on. */
  readonly decision: Decision;
}

export interface Options {
  readonly signal: AbortSignal;
  readonly correlationId: string;
  /** The current credential is tried at the registry too. */
  readonly checked?: boolean | undefined;
  /** The registry refuses everybody: that it refuses the current credential is not believed. */
  readonly doubted?: boolean | undefined;
  /**
   * Asked before a credential is ended early, since somebody reported it as compromised. @default
   * every report is believed
   */
  readonly brake?: Brake | undefined;
}

/**
 * Brings one target to where it should be: asks `decide`, does what is due, and asks again until
 * nothing is. Safe to run twice, late, at the same time as another, or after a crash at any point.
 * A failed step delays no other: it is left to the next run, and thrown in the end unless it is
 * backed off from. Throws `aws-failed` and `secret-missing` at once.
 */
export async function reconcile(
  engine: Engine,
  target: Target,
  options: Options,
): Promise<Outcome> {
  const { signal, correlationId, doubted } = options;
  const run = begin(engine, target, options);
  const { record } = run;
  const steps: Step[] = [];
  const left = new Map<string, RekeyError | undefined>();
  const tried = (due: Due) => left.has(keyOf(due));
  const next = () => decide(target, record.snapshot, engine.clock.now(), { doubted, tried });
  const patience = fullPatience();
  let unchecked = options.checked;
  await look(run);
  while (steps.length < MAX_STEPS) {
    signal.throwIfAborted();
    const decision = next();
    if (decision.action === 'wait' && unchecked) {
      unchecked = false;
      const error = await checkCurrent(run, correlationId);
      if (error?.code === 'lost-race') await look(run);
      continue;
    }
    if (decision.action === 'wait') {
      engine.observe?.({ target, decision, correlationId });
      await announceHeld(run, doubted);
      throwFirst(left);
      return { steps, decision };
    }
    if (isStale(run, decision)) {
      await look(run);
      continue;
    }
    if (await awaitsConfirmation(run, decision, options.brake)) continue;
    const error = await attempt(run, decision, correlationId);
    if (error && (await isTriedAgain(run, error, patience))) {
      await look(run);
      continue;
    }
    const step = { target, decision, correlationId: run.correlationId, ...(error && { error }) };
    steps.push(step);
    engine.observe?.(step);
    if (error && (leavesNoTrace(error) || repeats(run, decision))) left.set(keyOf(decision), error);
    // what Secrets Manager was asked for is its to do
    if (!error && decision.action === 'rotate' && target.driver === 'secrets-manager')
      left.set(keyOf(decision), undefined);
  }
  throwFirst(left);
  return { steps, decision: next() };
}

function begin(engine: Engine, target: Target, { signal, correlationId }: Options): Run {
  const provider = engine.providers[target.provider];
  if (!provider)
    throw new RekeyError('bad-fleet', `${target.name}: there is no provider ${target.provider}`);
  const record = secretRecord(engine.store, target.secret, signal);
  return { engine, target, record, provider, signal, correlationId, progress: {} };
}

const keyOf = ({ action, version }: Due): string => `${action} ${version?.id}`;

async function look({ record, engine, progress }: Run): Promise<void> {
  const before = engine.clock.now();
  await record.refresh();
  progress.seen = before;
}

const isStale = ({ engine, progress }: Run, { action }: Due): boolean =>
  needsFreshView.has(action) && Number(engine.clock.now()) - Number(progress.seen) > FRESH;

function throwFirst(left: ReadonlyMap<string, RekeyError | undefined>): void {
  // a provider that asks for fewer calls gets fewer: nothing is wrong, the next sweep goes on
  const error = [...left.values()].find((one) => one && one.code !== 'throttled');
  if (error) throw error.code === 'internal' ? error.cause : error;
}
