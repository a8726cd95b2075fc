import { type Action, type Decision, type Due, decide } from '../decide/index.ts';
import { hasCode, RekeyError } from '../errors.ts';
import type { Target } from '../fleet/index.ts';
import { MINUTE } from '../time.ts';
import { backOff, passedOn, repeats } from './failure.ts';
import { check } from './health.ts';
import { announce, finish, retire } from './promote.ts';
import { secretRecord } from './record.ts';
import { discard, forget, remove, revoke, warn } from './revoke.ts';
import { rollback } from './rollback.ts';
import { rotate } from './rotate.ts';
import type { Engine, Run, Step, Transition } from './run.ts';

export { type Admins, rememberedAdmins } from './admins.ts';
export { type RotationStep, rotationStep, rotationSteps } from './native.ts';
export { type Engine, providerCall, type Step, type VendorCall } from './run.ts';

const transitions: Readonly<Record<Action, Transition>> = {
  announce,
  finish,
  discard,
  retire,
  rollback,
  rotate,
  revoke,
  delete: remove,
  warn,
  check,
  forget,
};

/** What must not be done on an old view of the secret: somebody may have rolled back to the credential meanwhile. */
const needsFreshView: ReadonlySet<Action> = new Set(['revoke', 'delete', 'discard']);
const FRESH = 1 * MINUTE;

/** Steps of one run, and races it may lose, before it leaves the rest to the next. */
const MAX_STEPS = 25;
const MAX_LOST_RACES = 5;

export interface Outcome {
  /** What was done, in order; one with an error was tried and is backed off from. */
  readonly steps: readonly Step[];
  /** The decision it came to rest on. */
  readonly decision: Decision;
}

/**
 * Brings one target to where it should be: asks `decide`, does what is due, and asks again until nothing is. Safe to run
 * twice, late, at the same time as another, or after a crash at any point. `checked`: the current credential is tried at the
 * registry too. Throws `aws-failed`, `secret-missing`,
 * `label-limit` and `lost-race` (too often): the caller tries again later.
 */
export async function reconcile(
  engine: Engine,
  target: Target,
  options: { readonly signal: AbortSignal; readonly correlationId: string; readonly checked?: boolean },
): Promise<Outcome> {
  const provider = engine.providers[target.provider];
  if (!provider) throw new RekeyError('bad-fleet', `${target.name}: there is no provider ${target.provider}`);
  const record = secretRecord(engine.store, target.secret);
  const run: Run = { engine, target, record, provider, ...options, stage: 'prepare' };
  const steps: Step[] = [];
  let seen = await look(run);
  let lostRaces = 0;
  let tried = false;
  while (steps.length < MAX_STEPS) {
    options.signal.throwIfAborted();
    const decision = decide(target, record.snapshot, engine.clock.now());
    if (decision.action === 'wait' && !tried && options.checked) {
      tried = true;
      const error = await tryCurrent(run);
      if (error?.code === 'lost-race') seen = await look(run);
      continue;
    }
    if (decision.action === 'wait') {
      const step = { target, decision };
      engine.observe?.(step);
      return { steps, decision };
    }
    if (needsFreshView.has(decision.action) && engine.clock.now().getTime() - seen > FRESH) {
      seen = await look(run);
      continue;
    }
    const error = await attempt(run, decision);
    if (error?.code === 'lost-race') {
      if (++lostRaces > MAX_LOST_RACES) throw error;
      seen = await look(run);
      continue;
    }
    const step = { target, decision, ...(error && { error }) };
    steps.push(step);
    engine.observe?.(step);
    if (error && repeats(run, decision)) throw error;
  }
  return { steps, decision: decide(target, record.snapshot, engine.clock.now()) };
}

/** The check of the current credential that its cadence asks for, when all else is done. */
async function tryCurrent(run: Run): Promise<RekeyError | undefined> {
  const { current } = run.record.snapshot ? run.record.ledger : {};
  if (!current?.credential) return undefined;
  const message = 'the current credential is tried at the registry';
  const { engine, target } = run;
  const decision = { action: 'check', reason: 'cadence', message, at: engine.clock.now(), version: current } as const;
  const error = await attempt(run, decision);
  engine.observe?.({ target, decision, ...(error && { error }) });
  return error;
}

async function look({ record, engine }: Run): Promise<number> {
  const before = engine.clock.now().getTime();
  await record.refresh();
  return before;
}

/** Carries out one transition. What can be backed off from is returned; the rest is thrown. */
async function attempt(run: Run, due: Due): Promise<RekeyError | undefined> {
  try {
    const { engine, target, correlationId } = run;
    const work = () => transitions[due.action](run, due);
    await (engine.traced?.({ target, decision: due, correlationId }, work) ?? work());
    return undefined;
  } catch (error) {
    if (run.signal.aborted || !(error instanceof RekeyError) || passedOn.includes(error.code)) throw error;
    if (error.code === 'lost-race') return error;
    if (hasCode(error, 'admin-refused', 'forbidden')) run.engine.admins.drop(run.target.admin);
    await backOff(run, due, error);
    return error;
  }
}
