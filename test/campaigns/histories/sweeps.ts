import { decide } from '../../../lib/core/decide/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import type { Assignment } from '../../../lib/core/sweep/assign.ts';
import { earliest, HOUR, latest, MINUTE, plus } from '../../../lib/core/time.ts';
import { Violation } from './violation.ts';
import type { Witness } from './witness.ts';
import type { World } from './world.ts';

/** The functions of rekey that a sweep runs. */
export interface Sweeper {
  look(): Promise<readonly Assignment[]>;
  deliver(message: Assignment): Promise<void>;
  run(target: Target): Promise<unknown>;
}

interface Span {
  /** Targets that left the fleet and whose credentials a person ends. */
  readonly retired?: readonly Target[];
  /** Extra times of sweeps, even if no work is due. */
  readonly forced?: readonly Date[];
  /** The longest time without a sweep, which is longer than in reality to keep a calm fast. */
  readonly longest?: number;
  /** Interval of the sweeps while work is due. */
  readonly every?: number;
}

const EVERY = 5 * MINUTE;

/**
 * Passes time until then. Sweeps run every few minutes while work is due, and workers do all the
 * work that they hand out.
 */
export async function sweeping(
  world: World,
  witness: Witness,
  { look, deliver, run }: Sweeper,
  until: Date,
  { retired = [], forced = [], longest = 6 * HOUR, every = EVERY }: Span = {},
): Promise<void> {
  const { clock, aws } = world;
  for (let round = 0; round < 1000; round++) {
    await witness.glance();
    for (const assignment of await look()) {
      await deliver(assignment);
      await aws.idle();
      await witness.look();
    }
    for (const target of retired) {
      await run(target);
      await witness.look();
    }
    if (clock.now() >= until) return;
    const targets = [...world.fleet().targets, ...retired];
    const soon = plus(clock.now(), every);
    const dues = await Promise.all(
      targets.map(async (target) => decide(target, await world.snapshot(target), clock.now())),
    );
    const times = dues.map(({ action, at }) => (action === 'wait' ? at && latest(at, soon) : soon));
    const next = [...times, plus(clock.now(), longest), until, ...forced].filter(
      (time) => time && time > clock.now(),
    );
    clock.jumpTo(earliest(...(next as Date[])));
  }
  throw new Violation('the fleet does not settle');
}

/** Healthy minutes: sweeps every five minutes, until all urgent work is done. */
export async function wellMinutes(
  world: World,
  witness: Witness,
  sweeper: Sweeper,
  span: Span,
  late: number,
): Promise<void> {
  const { clock, vendor, driver } = world;
  const youngest = latest(...vendor.credentials().map(({ createdAt }) => createdAt), new Date(0));
  // a rotation starts at least a quarter of an hour after the previous one, at the next sweep;
  // Secrets Manager is not asked again sooner, and the sweep after its rotation does the rest
  const ready =
    driver === 'rekey' ? plus(youngest, 20 * MINUTE) : plus(clock.now(), 20 * MINUTE + EVERY);
  const end = plus(latest(plus(clock.now(), 10 * MINUTE), ready), late);
  for (;;) {
    const next = earliest(end, plus(clock.now(), EVERY));
    await sweeping(world, witness, sweeper, clock.now(), span);
    if (clock.now() >= end) return;
    clock.jumpTo(next);
  }
}
