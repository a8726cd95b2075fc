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
 * Actions that need a fresh view of the secret: a person may have rolled back to the credential
 * meanwhile.
 */
const needsFreshView: ReadonlySet<Action> = new Set([
  'revoke',
  'delete',
  'discard',
  'abandon',
  'enable',
]);
const FRESH = 30 * SECOND;

/** Most steps of one run; the next run does the rest. */
const MAX_STEPS = 25;

/** The result of one run. */
export interface Outcome {
  /** The steps in order. A step with an error is left to a later run. */
  readonly steps: readonly Step[];
  /** The last decision: nothing more is due, or the run reached its limit of steps. */
  readonly decision: Decision;
}

/** How to run. */
export interface Options {
  readonly signal: AbortSignal;
  readonly correlationId: string;
  /** Check the current credential at the registry too. */
  readonly checked?: boolean | undefined;
  /** The registry refuses most logins: do not act on its refusal of the current credential. */
  readonly doubted?: boolean | undefined;
  /**
   * Checked before a credential ends early because it was reported as compromised.
   * @default every report is believed
   */
  readonly brake?: Brake | undefined;
}

/**
 * Brings one target to the desired state: calls `decide`, does the work that is due, and repeats
 * until nothing is. Safe to run twice, late, at the same time as another run, or after a crash at
 * any point. A failed step delays no other step: it is left to the next run, and its error is
 * thrown at the end unless a backoff was written. Throws `aws-failed` and `secret-missing` at once.
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
    // Secrets Manager carries out the rotation that was requested
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
  // a throttled call is no error of the target: the next sweep continues
  const error = [...left.values()].find((one) => one && one.code !== 'throttled');
  if (error) throw error.code === 'internal' ? error.cause : error;
}
