import type { Target } from '../../../lib/core/fleet/index.ts';
import { retiredTarget } from '../../../lib/core/jobs/retire.ts';
import { DAY, HOUR, MINUTE, plus } from '../../../lib/core/time.ts';
import { agrees } from './bookkeeper.ts';
import { createExpectations, type Expectations } from './expectations.ts';
import { createFollower } from './follower.ts';
import { foreignLabels, leaveAccount } from './hands.ts';
import { createHappen, type Happen } from './happen.ts';
import type { Happening, History } from './happenings.ts';
import { createJournal } from './journal.ts';
import { holds, keptItsSecrets, nothingElse, wasAnnounced } from './rest.ts';
import { sweeping, wellMinutes } from './sweeps.ts';
import { createWitness, type Witness } from './witness.ts';
import { createWorld, type Entry, seeded, type World } from './world.ts';

/**
 * Time in which every happening settles: a grace, a soak, and the longest backoff, each with some
 * reserve.
 */
const SETTLES = 7 * DAY;

/**
 * Extra times of sweeps after the last happening, even if no work is due: for work that becomes due
 * only by the clock.
 */
const sweeps = [16 * MINUTE, 90 * MINUTE, 3 * HOUR, 8 * HOUR];

const hands: readonly Happening['what'][] = [
  'a value by hand',
  'AWSCURRENT by hand',
  'a label off by hand',
];

const deaths: readonly Happening['what'][] = ['a worker dies', 'a step dies'];

/** One life of a history: its calls in order, and the error that ended it. */
export interface Life {
  readonly calls: readonly string[];
  readonly error?: unknown;
}

/** Runs a history and the calm after it. Throws a `Violation`. */
export async function live(history: History): Promise<void> {
  const { error } = await lifeOf(history);
  if (error) throw error;
}

/** The same, with the record of its calls. Also for a life that ends with an error. */
export async function lifeOf(history: History): Promise<Life> {
  const world = await createWorld(history);
  const { calls } = world;
  try {
    await lived(world, history);
    return { calls };
  } catch (error) {
    return { calls, error };
  } finally {
    await world.close();
  }
}

async function lived(world: World, history: History): Promise<void> {
  const journal = createJournal(world);
  const witness = createWitness(world, async () => follower.follow(journal.read()));
  const follower = createFollower(world, witness, journal, seeded(history.seed ^ 0x5eed));
  const expectations = createExpectations(world, witness, journal);
  const thrown: unknown[] = [];
  const happen = createHappen(world, witness, expectations, thrown);
  for (const it of history.happenings) {
    if (hands.includes(it.what)) for (const { name } of world.entries) follower.edited(name);
    await happen.happen(it);
  }
  const late = happen.calm();
  const targets = world.entries.map((entry) => atRest(world, witness, entry));
  await recovers(world, witness, { targets, happen, expectations, late });
  const begun = world.clock.now();
  await sweeping(world, witness, happen, plus(begun, SETTLES), {
    retired: targets.filter(({ retired }) => retired),
    forced: sweeps.map((ms) => plus(begun, ms)),
    longest: SETTLES,
  });
  for (const target of targets) await holds(world, journal, target);
  for (const target of targets) await expectations.speaks(target);
  agrees(world, witness, journal, {
    crashed: history.happenings.some(({ what }) => deaths.includes(what)),
  });
  await wasAnnounced(world, witness, journal, targets);
  keptItsSecrets(world, witness, thrown);
  await nothingElse(world, journal, targets);
}

/** A retired target stays retired. A target that only left the fleet file returns. */
function atRest(world: World, { retired }: Witness, entry: Entry): Target {
  if (!entry.present && retired.has(entry.name)) return retiredTarget(world.target(entry));
  entry.present = true;
  return world.target(entry);
}

interface Recovery {
  readonly targets: readonly Target[];
  readonly happen: Happen;
  readonly expectations: Expectations;
  readonly late: number;
}

/**
 * Vendor and AWS are healthy. Foreign labels and credentials may block work, but not its events.
 * Without them, ten minutes are enough for all urgent work.
 */
async function recovers(
  world: World,
  witness: Witness,
  { targets, happen, expectations, late }: Recovery,
): Promise<void> {
  const span = { retired: targets.filter(({ retired }) => retired) };
  const inTheWay = await Promise.all(
    targets.map(async (target) =>
      (await world.ledger(target)).versions.some(({ labels }) =>
        labels.some((label) => label.startsWith('team-')),
      ),
    ),
  );
  if (inTheWay.includes(true) || world.provider.capabilities.liveAtOnce < 10) {
    await wellMinutes(world, witness, happen, span, late);
    for (const target of targets) await expectations.speaks(target);
    for (const target of targets) await foreignLabels(world, target, 0);
    await leaveAccount(world, witness);
  }
  await wellMinutes(world, witness, happen, span, late);
  for (const target of targets) await expectations.lives(target);
  for (const target of targets) await expectations.met(target);
}
