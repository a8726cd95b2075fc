import { type Action, type Decision, type Due, decide } from '../decide/index.ts';
import { hasCode, RekeyError } from '../errors.ts';
import type { Target } from '../fleet/index.ts';
import { secretRecord } from '../ledger/record.ts';
import { MINUTE, plus, SECOND } from '../time.ts';
import { announce } from './announce.ts';
import { asker } from './asker.ts';
import { awaitsConfirmation, type Brake } from './confirmation.ts';
import { backOff, ours, passedOn, repeats, report, writeDown } from './failure.ts';
import { check } from './health.ts';
import { tellHeld } from './held.ts';
import { enable, finish } from './promote.ts';
import { retire } from './retire.ts';
import { abandon, discard, remove, revoke, warn } from './revoke.ts';
import { rollback } from './rollback.ts';
import { rotate } from './rotate.ts';
import type { Engine, Run, Step, Transition } from './run.ts';
import { forget } from './tidy.ts';

export { type Admins, rememberedAdmins } from './admins.ts';
export { type RotationStep, rotationStep, rotationSteps } from './native.ts';
export { type Engine, providerCall, realmsOf, type Step, type VendorCall } from './run.ts';

const transitions: Readonly<Record<Action, Transition>> = {
  announce,
  report,
  enable,
  finish,
  discard,
  retire,
  rollback,
  rotate,
  revoke,
  delete: remove,
  abandon,
  warn,
  check,
  forget,
};

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

/** Steps of one run, and races it may lose, before it leaves the rest to the next. */
const MAX_STEPS = 25;
const MAX_LOST_RACES = 5;

/** How long one run waits for a provider that asks for fewer calls. */
const LONGEST_WAIT = 2 * MINUTE;

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
 * What fails does not stand in front of what comes after it: it is left to the next run, and thrown
 * in the end unless it is backed off from. Throws `aws-failed` and `secret-missing` at once.
 */
export async function reconcile(
  engine: Engine,
  target: Target,
  options: Options,
): Promise<Outcome> {
  const provider = engine.providers[target.provider];
  if (!provider)
    throw new RekeyError('bad-fleet', `${target.name}: there is no provider ${target.provider}`);
  const { signal, correlationId, doubted } = options;
  const record = secretRecord(engine.store, target.secret, signal);
  const run: Run = {
    engine,
    target,
    record,
    provider,
    signal,
    correlationId,
    progress: { stage: 'prepare' },
  };
  const steps: Step[] = [];
  const left = new Map<string, RekeyError | undefined>();
  const tried = (due: Due) => left.has(keyOf(due));
  const patience = { ms: LONGEST_WAIT };
  let seen = await look(run);
  let lostRaces = 0;
  let checks = options.checked ? 1 : 0;
  while (steps.length < MAX_STEPS) {
    signal.throwIfAborted();
    const decision = decide(target, record.snapshot, engine.clock.now(), { doubted, tried });
    if (decision.action === 'wait') {
      if (checks-- > 0) {
        const error = await tryCurrent(run, correlationId);
        if (error?.code === 'lost-race') seen = await look(run);
        continue;
      }
      engine.observe?.({ target, decision, correlationId });
      await tellHeld(run, doubted);
      throwFirst(left);
      return { steps, decision };
    }
    if (needsFreshView.has(decision.action) && engine.clock.now().getTime() - seen > FRESH) {
      seen = await look(run);
      continue;
    }
    if (await awaitsConfirmation(run, decision, options.brake)) continue;
    const error = await attempt(run, decision, correlationId);
    if (error?.code === 'lost-race') {
      if (++lostRaces > MAX_LOST_RACES) throw error;
      seen = await look(run);
      continue;
    }
    if (error?.code === 'throttled' && (await waited(run, error, patience))) {
      seen = await look(run);
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
  return {
    steps,
    decision: decide(target, record.snapshot, engine.clock.now(), { doubted, tried }),
  };
}

const keyOf = ({ action, version }: Due): string => `${action} ${version?.id}`;

/** Failures that are not written down: it is tried again by the next run. */
const leavesNoTrace = (error: RekeyError): boolean => hasCode(error, 'events-failed', 'throttled');

function throwFirst(left: ReadonlyMap<string, RekeyError | undefined>): void {
  // a provider that asks for fewer calls gets fewer: nothing is wrong, the next sweep goes on
  const error = [...left.values()].find((one) => one && one.code !== 'throttled');
  if (error) throw error.code === 'internal' ? error.cause : error;
}

/**
 * Waits as long as the provider asked for, if this run has the time; else leaves the account alone
 * until then.
 */
async function waited(
  { engine, target, signal }: Run,
  { retryAfter = 5 * SECOND }: RekeyError,
  patience: { ms: number },
): Promise<boolean> {
  if (retryAfter > patience.ms) {
    engine.admins.rest?.(target.admin, plus(engine.clock.now(), retryAfter));
    return false;
  }
  patience.ms -= Math.max(retryAfter, SECOND);
  await engine.clock.sleep(retryAfter, signal);
  return true;
}

/** The check of the current credential that its cadence asks for, when all else is done. */
async function tryCurrent(run: Run, correlationId: string): Promise<RekeyError | undefined> {
  const { current } = run.record.snapshot ? run.record.ledger : {};
  if (!current?.credential) return undefined;
  const message = 'the current credential is tried at the registry';
  const { engine, target } = run;
  const decision = {
    action: 'check',
    reason: 'cadence',
    message,
    at: engine.clock.now(),
    version: current,
  } as const;
  const error = await attempt(run, decision, correlationId);
  engine.observe?.({ target, decision, correlationId, ...(error && { error }) });
  return error;
}

async function look({ record, engine, progress }: Run): Promise<number> {
  const before = engine.clock.now();
  await record.refresh();
  progress.seen = before;
  return before.getTime();
}

/**
 * Carries out one transition. What can be backed off from, or left to the next run, is returned;
 * the rest is thrown.
 */
async function attempt(run: Run, due: Due, correlationId: string): Promise<RekeyError | undefined> {
  run.correlationId = asker(run.record.ledger, due) ?? correlationId;
  Object.assign(run.progress, { confirmed: undefined, lost: undefined });
  try {
    const { engine, target } = run;
    const work = () => transitions[due.action](run, due);
    await (engine.traced?.({ target, decision: due, correlationId: run.correlationId }, work) ??
      work());
    return undefined;
  } catch (thrown) {
    const error = ours(thrown);
    if (run.signal.aborted || hasCode(error, ...passedOn)) throw thrown;
    if (error.code === 'events-failed' && run.progress.confirmed) await writeDown(run, due, error);
    if (error.code === 'lost-race' || leavesNoTrace(error)) return error;
    if (hasCode(error, 'admin-refused', 'forbidden')) run.engine.admins.drop(run.target.admin);
    return await noted(run, due, error);
  }
}

/**
 * Writes the failure down. Where that does not concern the rotation, or has no room, the next run
 * tries again.
 */
async function noted(run: Run, due: Due, error: RekeyError): Promise<RekeyError> {
  if (!holdsBack(due) || !run.record.ledger.current) return error;
  try {
    await backOff(run, due, error);
  } catch (thrown) {
    if (!hasCode(thrown, 'label-limit', 'lost-race')) throw thrown;
  }
  return error;
}

/** A rollback is tried until its time is over; what announces or tidies is not backed off from. */
const holdsBack = ({ action, version }: Due): boolean =>
  ['rotate', 'revoke', 'delete'].includes(action) ||
  (action === 'finish' && version?.candidate?.kind === 'rotation');
