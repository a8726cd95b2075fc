import { hasCode, RekeyError } from '../../../lib/core/errors.ts';
import type { Fleet } from '../../../lib/core/fleet/index.ts';
import { revokeOrphans } from '../../../lib/core/jobs/orphans.ts';
import type { Version } from '../../../lib/core/ledger/index.ts';
import type { Outcome } from '../../../lib/core/reconcile/index.ts';
import { DAY, HOUR, MINUTE, plus } from '../../../lib/core/time.ts';
import { holdsAtRest, keptItsSecrets, wasAnnounced } from '../crash-matrix/rest.ts';
import { openStage, type Stage } from '../crash-matrix/stage.ts';
import { transitions } from '../crash-matrix/transitions.ts';
import { Violation } from '../crash-matrix/witness.ts';
import { restOf, type World, work } from '../crash-matrix/world.ts';
import { createInjector, type Injector, type Plan } from './injector.ts';

/** One fault at one call of a worker that carries out one transition. */
export interface Case {
  readonly provider: string;
  readonly transition: string;
  readonly plan: Plan;
}

export const nameOf = ({ provider, transition, plan }: Case): string =>
  [
    provider,
    transition,
    `${plan.side} call ${plan.call}`,
    plan.kind.name,
    ...('lasting' in plan && plan.lasting ? ['lasting'] : []),
  ].join(', ');

/**
 * The moments at which faults are put in: one for each way in which a worker uses vendor and
 * registry.
 */
export const moments = [
  'first issue',
  'rotation',
  'leftover',
  'discard',
  'revoke',
  'expiry',
  'soft revoke',
  'delete',
  'compromise',
  'rollback',
];

/**
 * Calls in one minute of a run, whatever goes wrong in it: no hot loop. A proof asks the registry
 * seven times in its first minute, by three calls each, and its control as often.
 */
const MOST_CALLS = 60;
/**
 * Runs in two days in which everything fails: what is dead or compromised is tried at every sweep,
 * and nothing more often.
 */
const MOST_RUNS = (3 * 2 * DAY) / (5 * MINUTE) + 24;

/**
 * The shortest back-off after each failure in a row; where the whole admin account fails, one
 * target of many probes it more often.
 */
const schedule = [1 * MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 8 * HOUR];
const PROBE = 30 * MINUTE;
const ofTheAccount = [
  'admin-refused',
  'admin-missing',
  'forbidden',
  'throttled',
  'provider-failed',
  'unreachable',
];

const momentOf = (name: string) => {
  const found = transitions.find((transition) => transition.name === name);
  if (!found) throw new Error(`no transition ${name}`);
  return found;
};

/** How many calls a healthy run makes there; none if the provider does not have the transition. */
export async function callsOf(provider: string, transition: string): Promise<Injector['counts']> {
  const stage = await openStage(provider);
  const injector = createInjector(stage);
  try {
    const { of, before } = momentOf(transition);
    if (of && !of(stage.world)) return { http: 0, aws: 0 };
    await before(stage);
    await work(injector.engine(), stage.target);
    return injector.counts;
  } finally {
    await injector.close();
    await stage.close();
  }
}

/** Plays one case in a world of its own: tells what did not hold, `undefined` if all did. */
export async function play(one: Case): Promise<string | undefined> {
  const stage = await openStage(one.provider);
  const injector = createInjector(stage, one.plan);
  try {
    const { before, after } = momentOf(one.transition);
    await before(stage);
    stage.fuse.restart();
    if ('lasting' in one.plan && one.plan.lasting) await outlast(stage, injector);
    else await meet(stage, injector);
    if (!injector.struck) return 'the fault was not put in';
    await comesToRest(stage);
    await stage.witness.look();
    const wrong = await after?.(stage, true);
    if (wrong) throw new Violation(wrong);
    await wasAnnounced(adoptingNothing(stage.world), stage.witness);
    keptItsSecrets(stage.world, stage.witness, stage.issued, stage.shown);
    await holdsAtRest(stage.world, stage.witness, stage.target.retired === true);
    return undefined;
  } catch (error) {
    if (believed(one, error)) return undefined;
    return error instanceof Error
      ? `${error instanceof RekeyError ? `${error.code}: ` : ''}${error.message}`
      : String(error);
  } finally {
    await injector.close();
    await stage.close();
  }
}

/**
 * A failure uses up an id: what was issued under it is an orphan then, also where it could be read
 * again.
 */
const adoptingNothing = (world: World): World => {
  const { provider } = world;
  return {
    ...world,
    provider: { ...provider, capabilities: { ...provider.capabilities, readAgain: false } },
  };
};

/**
 * A vendor that says of a disabled credential that it does not know it is believed: it was proven
 * dead before. Should it have lied, the credential stays there, disabled, until the search for
 * orphans finds it.
 */
const believed = ({ plan }: Case, error: unknown): boolean =>
  plan.kind.name === '404' &&
  error instanceof Violation &&
  error.message.startsWith('the label of a credential that is disabled');

/** The back-offs pass, all that was superseded ends, and orphans are looked for. */
async function comesToRest(stage: Stage): Promise<void> {
  const { world, target } = stage;
  const { versions } = await world.ledger();
  const backoffs = versions.flatMap(({ backoff, revokeBackoff }) => [backoff, revokeBackoff]);
  const over = Math.max(
    world.clock.now().getTime(),
    ...backoffs.map((one) => one?.until.getTime() ?? 0),
  );
  const until = plus(new Date(over), restOf(world));
  // in pieces: what lives for minutes is rotated hundreds of times
  while (world.clock.now() < until) {
    const next = plus(world.clock.now(), 6 * HOUR);
    await world.live(next < until ? next : until, stage.engine, target);
  }
  await lookForOrphans(stage);
}

/** The sweep has it done every six hours: the next rotation may be a month away. */
async function lookForOrphans({ engine, target }: Stage): Promise<void> {
  const fleet: Fleet = { id: target.fleet, targets: [target] };
  const options = { signal: new AbortController().signal, correlationId: 'orphans' };
  await revokeOrphans(engine(), fleet, target, options);
}

/** One run meets the fault. */
async function meet(stage: Stage, injector: Injector): Promise<Outcome | undefined> {
  const { counts } = injector;
  const rolling = (await stage.world.ledger()).current?.rollback !== undefined;
  const before = counts.http + counts.aws;
  const began = stage.world.clock.now().getTime();
  const outcome = await work(injector.engine(), stage.target).catch((error: unknown) => {
    stage.shown.push(error);
    // back to the queue; anything else would be a failure that nobody is told of
    if (hasCode(error, 'aws-failed', 'events-failed', 'secret-missing', 'lost-race', 'forbidden'))
      return undefined;
    // a rollback is tried until its time is over, and its end is announced then
    if (rolling && error instanceof RekeyError) return undefined;
    throw error;
  });
  const calls = counts.http + counts.aws - before;
  const minutes = (stage.world.clock.now().getTime() - began) / MINUTE;
  if (calls > MOST_CALLS * (1 + minutes))
    throw new Violation(`a hot loop: ${calls} calls in a run of ${minutes} minutes`);
  for (const { decision, error } of outcome?.steps ?? []) {
    // a rollback is not backed off from: it is tried until its time is over
    const retried = rolling && decision.action === 'finish';
    if (error && !retried)
      await wasTold(stage, error, 'version' in decision ? decision.version?.id : undefined);
  }
  await stage.witness.look();
  return outcome;
}

/** Everything fails for two days. */
async function outlast(stage: Stage, injector: Injector): Promise<void> {
  const { clock } = stage.world;
  const end = plus(clock.now(), 2 * DAY);
  for (let run = 0; clock.now() < end; run++) {
    if (run > MOST_RUNS) throw new Violation(`a hot loop: ${run} runs in two days`);
    const outcome = await meet(stage, injector);
    const at = outcome?.decision.at;
    clock.jumpTo(at && at > clock.now() ? at : plus(clock.now(), 5 * MINUTE));
  }
}

/** What is over with a registry's outage, the next release, or the event bus's. */
const bounds: Partial<Record<string, number>> = {
  unproven: 2 * HOUR,
  internal: PROBE,
  'events-failed': 5 * MINUTE,
};

/**
 * An event names the class, and the back-off is written down, as long as the schedule says or
 * longer.
 */
async function wasTold(
  { world }: Stage,
  error: RekeyError,
  version: string | undefined,
): Promise<void> {
  // a vendor that asks for patience is given it, and that is no failure
  if (error.code === 'throttled') return;
  const events = world.aws.events.recorded('default') as unknown as readonly {
    detail: { data: { errorClass?: string } };
  }[];
  if (!events.some(({ detail }) => detail.data.errorClass === error.code))
    throw new Violation(`nobody was told of ${error.code}`);
  const { current, versions } = await world.ledger();
  const backoffs = [current, ...versions.filter(({ id }) => id === version)].flatMap(
    (one: Version | undefined) => [
      ...(one?.backoff ? [one.backoff] : []),
      ...(one?.revokeBackoff ? [one.revokeBackoff] : []),
    ],
  );
  // a request to roll back is taken back instead
  if (error.code === 'no-rollback') return;
  for (const { failures, at, until, code } of backoffs) {
    const pause = until.getTime() - at.getTime();
    if (pause > 24 * HOUR + 1000)
      throw new Violation(`failure ${failures} is tried again after more than a day`);
    const bound = ofTheAccount.includes(code) ? PROBE : (bounds[code] ?? 24 * HOUR);
    const least = Math.min(schedule[failures - 1] ?? 24 * HOUR, bound);
    if (pause < least - 1000) throw new Violation(`failure ${failures} is tried again too soon`);
  }
}
