import { hasCode, RekeyError } from '../../../lib/core/errors.ts';
import type { Fleet } from '../../../lib/core/fleet/index.ts';
import { revokeOrphans } from '../../../lib/core/jobs/orphans.ts';
import type { Version } from '../../../lib/core/ledger/index.ts';
import type { Outcome } from '../../../lib/core/reconcile/index.ts';
import { DAY, HOUR, MINUTE, plus } from '../../../lib/core/time.ts';
import { holdsAtRest, keptItsSecrets, wasAnnounced } from '../crash-matrix/rest.ts';
import { openSetup, type Setup } from '../crash-matrix/setup.ts';
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
 * The moments at which faults are injected: one for each way in which a worker uses vendor and
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
 * Maximum number of calls in one minute of a run, to detect a hot loop. In its first minute, a
 * proof asks the registry seven times with three calls each, and its control as often.
 */
const MOST_CALLS = 60;
/**
 * Maximum number of runs in two days in which everything fails: a dead or compromised credential is
 * tried at every sweep, and nothing more often.
 */
const MOST_RUNS = (3 * 2 * DAY) / (5 * MINUTE) + 24;

/**
 * The shortest backoff after each failure in a row. If the whole admin account fails, one of its
 * many targets probes it more often.
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

/** Number of calls of a healthy run; zero if the provider does not have the transition. */
export async function callsOf(provider: string, transition: string): Promise<Injector['counts']> {
  const setup = await openSetup(provider);
  const injector = createInjector(setup);
  try {
    const { of, before } = momentOf(transition);
    if (of && !of(setup.world)) return { http: 0, aws: 0 };
    await before(setup);
    await work(injector.engine(), setup.target);
    return injector.counts;
  } finally {
    await injector.close();
    await setup.close();
  }
}

/** Runs one case in a world of its own. Returns the violation, or `undefined`. */
export async function play(one: Case): Promise<string | undefined> {
  const setup = await openSetup(one.provider);
  const injector = createInjector(setup, one.plan);
  try {
    const { before, after } = momentOf(one.transition);
    await before(setup);
    setup.fuse.restart();
    if ('lasting' in one.plan && one.plan.lasting) await outlast(setup, injector);
    else await meet(setup, injector);
    if (!injector.struck) return 'the fault was not injected';
    await comesToRest(setup);
    await setup.witness.look();
    const wrong = await after?.(setup, true);
    if (wrong) throw new Violation(wrong);
    await wasAnnounced(adoptingNothing(setup.world), setup.witness);
    keptItsSecrets(setup.world, setup.witness, setup.issued, setup.shown);
    await holdsAtRest(setup.world, setup.witness, setup.target.retired === true);
    return undefined;
  } catch (error) {
    if (believed(one, error)) return undefined;
    return error instanceof Error
      ? `${error instanceof RekeyError ? `${error.code}: ` : ''}${error.message}`
      : String(error);
  } finally {
    await injector.close();
    await setup.close();
  }
}

/**
 * A failure uses up an id. A credential issued under it is then an orphan, even if it could be read
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
 * rekey believes a vendor that answers "unknown" for a disabled credential, because the credential
 * was proven dead before. If that answer is wrong, the credential stays disabled at the vendor
 * until the orphan scan finds it.
 */
const believed = ({ plan }: Case, error: unknown): boolean =>
  plan.kind.name === '404' &&
  error instanceof Violation &&
  error.message.startsWith('the label of a credential that is disabled');

/**
 * Passes time until the backoffs are over and every superseded credential has ended, then runs the
 * orphan scan.
 */
async function comesToRest(setup: Setup): Promise<void> {
  const { world, target } = setup;
  const { versions } = await world.ledger();
  const backoffs = versions.flatMap(({ backoff, revokeBackoff }) => [backoff, revokeBackoff]);
  const over = Math.max(
    world.clock.now().getTime(),
    ...backoffs.map((one) => one?.until.getTime() ?? 0),
  );
  const until = plus(new Date(over), restOf(world));
  // in steps: credentials that live for minutes are rotated hundreds of times
  while (world.clock.now() < until) {
    const next = plus(world.clock.now(), 6 * HOUR);
    await world.live(next < until ? next : until, setup.engine, target);
  }
  await lookForOrphans(setup);
}

/** The sweep does this every six hours. The next rotation may be a month away. */
async function lookForOrphans({ engine, target }: Setup): Promise<void> {
  const fleet: Fleet = { id: target.fleet, targets: [target] };
  const options = { signal: new AbortController().signal, correlationId: 'orphans' };
  await revokeOrphans(engine(), fleet, target, options);
}

/** Runs a worker once with the fault. */
async function meet(setup: Setup, injector: Injector): Promise<Outcome | undefined> {
  const { counts } = injector;
  const rolling = (await setup.world.ledger()).current?.rollback !== undefined;
  const before = counts.http + counts.aws;
  const began = setup.world.clock.now().getTime();
  const outcome = await work(injector.engine(), setup.target).catch((error: unknown) => {
    setup.shown.push(error);
    // back to the queue; any other error would be an unannounced failure
    if (hasCode(error, 'aws-failed', 'events-failed', 'secret-missing', 'lost-race', 'forbidden'))
      return undefined;
    // a rollback is retried until its time is over, and its end is announced then
    if (rolling && error instanceof RekeyError) return undefined;
    throw error;
  });
  const calls = counts.http + counts.aws - before;
  const minutes = (setup.world.clock.now().getTime() - began) / MINUTE;
  if (calls > MOST_CALLS * (1 + minutes))
    throw new Violation(`a hot loop: ${calls} calls in a run of ${minutes} minutes`);
  for (const { decision, error } of outcome?.steps ?? []) {
    // a rollback has no backoff: it is retried until its time is over
    const retried = rolling && ['rollback', 'finish'].includes(decision.action);
    if (error && !retried)
      await wasTold(setup, error, 'version' in decision ? decision.version?.id : undefined);
  }
  await setup.witness.look();
  return outcome;
}

/** Runs workers for two days in which everything fails. */
async function outlast(setup: Setup, injector: Injector): Promise<void> {
  const { clock } = setup.world;
  const end = plus(clock.now(), 2 * DAY);
  for (let run = 0; clock.now() < end; run++) {
    if (run > MOST_RUNS) throw new Violation(`a hot loop: ${run} runs in two days`);
    const outcome = await meet(setup, injector);
    const at = outcome?.decision.at;
    clock.jumpTo(at && at > clock.now() ? at : plus(clock.now(), 5 * MINUTE));
  }
}

/**
 * Limits for failures that end with an outage of the registry, with the next release, or with an
 * outage of the event bus.
 */
const bounds: Partial<Record<string, number>> = {
  unproven: 2 * HOUR,
  internal: PROBE,
  'events-failed': 5 * MINUTE,
};

/**
 * Checks that an event names the error class, and that the recorded backoff is at least as long as
 * the schedule.
 */
async function wasTold(
  { world }: Setup,
  error: RekeyError,
  version: string | undefined,
): Promise<void> {
  // a wait that the vendor asks for is not a failure
  if (error.code === 'throttled') return;
  const events = world.aws.events.recorded('default') as unknown as readonly {
    detail: { data: { errorClass?: string } };
  }[];
  if (!events.some(({ detail }) => detail.data.errorClass === error.code))
    throw new Violation(`no event reports ${error.code}`);
  const { current, versions } = await world.ledger();
  const backoffs = [current, ...versions.filter(({ id }) => id === version)].flatMap(
    (one: Version | undefined) => [
      ...(one?.backoff ? [one.backoff] : []),
      ...(one?.revokeBackoff ? [one.revokeBackoff] : []),
    ],
  );
  // the rollback request is withdrawn instead
  if (error.code === 'no-rollback') return;
  for (const { failures, at, until, code } of backoffs) {
    const pause = until.getTime() - at.getTime();
    if (pause > 24 * HOUR + 1000)
      throw new Violation(`failure ${failures} is retried after more than a day`);
    const bound = ofTheAccount.includes(code) ? PROBE : (bounds[code] ?? 24 * HOUR);
    const least = Math.min(schedule[failures - 1] ?? 24 * HOUR, bound);
    if (pause < least - 1000) throw new Violation(`failure ${failures} is retried too soon`);
  }
}
