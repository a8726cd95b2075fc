import { inspect } from 'node:util';
import { decide } from '../../lib/core/decide/index.ts';
import type { Target } from '../../lib/core/fleet/index.ts';
import { labelPrefix } from '../../lib/core/label.ts';
import { superseded } from '../../lib/core/ledger.ts';
import { retiredTarget } from '../../lib/core/retire.ts';
import { DAY, earliest, HOUR, latest, MINUTE, plus } from '../../lib/core/time.ts';
import { foreignLabels } from './hands.ts';
import { createHappen, type Happen } from './happen.ts';
import type { History } from './happenings.ts';
import { createWitness, Violation, type Witness } from './witness.ts';
import { createWorld, type Entry, restOf, type World } from './world.ts';

/** How long all that happened may take to settle: a grace, a soak, and the longest back-off, each with room to spare. */
const SETTLES = 7 * DAY;

/** Lives a history and the calm after it. Throws a `Violation`. */
export async function live(history: History): Promise<void> {
  const world = await createWorld(history);
  try {
    const witness = createWitness(world);
    const thrown: unknown[] = [];
    const happen = createHappen(world, witness, thrown);
    for (const it of history.happenings) await happen.happen(it);
    happen.calm();
    const targets = world.entries.map((entry) => atRest(world, witness, entry));
    for (const target of targets) await foreignLabels(world, target, 0);
    await settle(world, witness, targets, happen);
    for (const target of targets) await holds(world, target);
    await nothingElse(world, targets);
    wasAnnounced(world, witness, await ledgers(world, targets));
    keptItsSecrets(world, witness, thrown);
  } finally {
    await world.close();
  }
}

const ledgers = (world: World, targets: readonly Target[]) =>
  Promise.all(targets.map(async (target) => ({ target, ledger: await world.ledger(target) })));

/** What is retired stays so, to its end; what only left the fleet file comes back. */
function atRest(world: World, { retired }: Witness, entry: Entry): Target {
  if (!entry.present && retired.has(entry.name)) return retiredTarget(world.target(entry));
  entry.present = true;
  return world.target(entry);
}

/** How long after the last of what happened sweeps come, whatever is due: for what comes due by the clock alone. */
const sweeps = [16 * MINUTE, 90 * MINUTE, 3 * HOUR, 8 * HOUR];

/** Time goes on, sweeps come, and workers work off what they hand out. Nobody asks for anything. */
async function settle(world: World, witness: Witness, targets: readonly Target[], { run, look, deliver }: Happen): Promise<void> {
  const { clock, aws } = world;
  const begun = clock.now();
  const end = plus(begun, SETTLES);
  const retired = targets.filter((target) => target.retired);
  for (let round = 0; round < 300; round++) {
    for (const assignment of await look()) {
      await deliver(assignment);
      await aws.idle();
      await witness.look();
    }
    for (const target of retired) {
      await run(target);
      await witness.look();
    }
    const decisions = await Promise.all(targets.map(async (target) => decide(target, await world.snapshot(target), clock.now())));
    if (clock.now() >= end) return;
    const soon = plus(clock.now(), 5 * MINUTE);
    const times = decisions.flatMap(({ action, at }) => (action !== 'wait' ? [soon] : at ? [latest(at, soon)] : []));
    const forced = sweeps.map((ms) => plus(begun, ms)).find((time) => time > clock.now());
    clock.jumpTo(earliest(end, ...times, ...(forced ? [forced] : [])));
  }
  throw new Violation('it does not come to rest');
}

async function holds(world: World, target: Target): Promise<void> {
  const { name } = target;
  const { current, pending, versions } = await world.ledger(target);
  const wrong = (what: string) => new Violation(`${name}: in the end ${what}`);
  if (pending) throw wrong(`version ${pending.id} is pending`);
  if (target.retired && versions.some(({ credential }) => credential)) throw wrong('a retired target has a credential');
  if (!target.retired) {
    if (!current?.credential) throw wrong('no credential is current');
    const verdict = await world.accepts(target, current.id);
    if (verdict !== 'accepted') throw wrong(`the registry says ${verdict} of AWSCURRENT`);
  }
  for (const { id, revokeAfter, disabledAt } of versions.filter(superseded)) {
    const until = disabledAt ? plus(disabledAt, target.soak) : revokeAfter;
    if (!until || until <= world.clock.now()) throw wrong(`version ${id} is past its end, and may be alive`);
  }
}

/** Whatever was issued is in a version, or dead, or expires by itself. */
async function nothingElse(world: World, targets: readonly Target[]): Promise<void> {
  const known = new Set<string>(world.strangers);
  const prefixes: string[] = [];
  for (const { target, ledger } of await ledgers(world, targets)) {
    prefixes.push(labelPrefix(target.fleet, ledger.arn));
    for (const { credential } of ledger.versions) if (credential) known.add(credential.id);
  }
  const unknown = () =>
    world.vendor.credentials().filter(({ id, state }) => (state === 'enabled' || state === 'disabled') && !known.has(id));
  if (unknown().length > 0 && !world.provider.capabilities.list) world.wait(Math.max(...targets.map(restOf)) + 10 * DAY);
  const left = unknown().map(({ label }) => label);
  if (left.length > 0)
    throw new Violation(`in the end ${left.length} credentials are alive and in no version: ${left.join(', ')}`);
}

type Told = { 'detail-type': string; detail: { metadata: { id: string }; data: Record<string, unknown> } };

/** Each transition that no person had a hand in was announced; no two of them bear one id. */
function wasAnnounced(world: World, witness: Witness, all: Awaited<ReturnType<typeof ledgers>>): void {
  const events = world.aws.events.recorded('default') as unknown as Told[];
  const told = (version: string, ...types: string[]) =>
    events.some((event) => types.includes(event['detail-type']) && event.detail.data.versionId === version);
  for (const { target, ledger } of all) {
    const { promoted, stored, tampered } = witness.of(target.name);
    for (const version of promoted) {
      if (!tampered.has(version) && !told(version, 'Credential Rotated', 'Rolled Back'))
        throw new Violation(`${target.name}: nobody was told that version ${version} was promoted`);
    }
    const bearing = new Set(ledger.versions.flatMap(({ id, credential }) => (credential ? [id] : [])));
    for (const version of stored.values()) {
      if (!bearing.has(version) && !tampered.has(version) && !told(version, 'Credential Revoked', 'Credential Expired'))
        throw new Violation(`${target.name}: nobody was told that version ${version} was ended`);
    }
  }
  const subjects = new Map<string, string>();
  for (const { 'detail-type': type, detail } of events) {
    const subject = `${type} ${detail.data.versionId ?? detail.data.credentialId ?? detail.data.secretArn}`;
    if ((subjects.get(detail.metadata.id) ?? subject) !== subject)
      throw new Violation(`${subject} bears the id of another event`);
    subjects.set(detail.metadata.id, subject);
  }
}

function keptItsSecrets(world: World, witness: Witness, thrown: readonly unknown[]): void {
  const admin = JSON.parse(world.vendor.admin) as Record<string, string>;
  const secrets = [...world.issued, ...Object.entries(admin).flatMap(([key, value]) => (key === 'accessKey' ? [] : [value]))];
  const places: Record<string, string> = {
    'an event': JSON.stringify(world.aws.events.recorded('default')),
    'a label': world.entries.flatMap(({ name }) => [...witness.of(name).labels]).join('\n'),
    'an error': thrown.map((error) => inspect(error, { depth: 10, showHidden: true })).join('\n'),
    'a URL': world.vendor.requests.join('\n'),
    'a recorded AWS call': JSON.stringify(world.aws.calls.all()),
  };
  for (const [place, text] of Object.entries(places)) {
    if (secrets.some((secret) => text.includes(secret))) throw new Violation(`a secret is in ${place}`);
  }
}
