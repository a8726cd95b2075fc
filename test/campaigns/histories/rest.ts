import { inspect } from 'node:util';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { labelPrefix } from '../../../lib/core/ids/label.ts';
import { superseded } from '../../../lib/core/ledger/index.ts';
import { DAY, plus } from '../../../lib/core/time.ts';
import type { Journal } from './journal.ts';
import { Violation } from './violation.ts';
import type { Witness } from './witness.ts';
import { restOf, type World } from './world.ts';

/** Nothing is half done, and nothing superseded is past its end. */
export async function holds(world: World, journal: Journal, target: Target): Promise<void> {
  const { name } = target;
  const { current, pending, versions } = await world.ledger(target);
  const wrong = (what: string) => new Violation(`${name}: in the end ${what}`);
  if (pending) throw wrong(`version ${pending.id} is pending`);
  if (target.retired && versions.some(({ credential }) => credential))
    throw wrong('a retired target has a credential');
  if (!target.retired) {
    if (!current?.credential) throw wrong('no credential is current');
    const verdict = await world.accepts(target, current.id);
    if (verdict !== 'accepted') throw wrong(`the registry says ${verdict} of AWSCURRENT`);
  }
  const given = abandoned(journal);
  for (const { id, credential, revokeAfter, disabledAt } of versions.filter(superseded)) {
    if (given.has(credential.id)) continue;
    const until = disabledAt ? plus(disabledAt, target.soak) : revokeAfter;
    if (!until || until <= world.clock.now())
      throw wrong(`version ${id} is past its end, and may be alive`);
  }
}

/** What rekey has said it can do nothing about, or not prove. */
const abandoned = (journal: Journal): ReadonlySet<unknown> =>
  new Set(
    journal
      .all()
      .flatMap(({ type, data }) => (type === 'Revocation Abandoned' ? [data.credentialId] : [])),
  );

/**
 * Whatever was issued is in a version, or dead, or expires by itself, or was said to be out of
 * reach.
 */
export async function nothingElse(
  world: World,
  journal: Journal,
  targets: readonly Target[],
): Promise<void> {
  const known = new Set<unknown>([...world.removed, ...world.lookAlikes, ...abandoned(journal)]);
  const prefixes: string[] = [];
  for (const target of targets) {
    const { arn, versions } = await world.ledger(target);
    prefixes.push(labelPrefix(target.fleet, arn));
    for (const { credential } of versions) if (credential) known.add(credential.id);
  }
  const unknown = () =>
    world
      .findable()
      .filter(({ id, state }) => (state === 'enabled' || state === 'disabled') && !known.has(id));
  if (unknown().length > 0 && !world.provider.find)
    world.wait(Math.max(...targets.map(restOf)) + 10 * DAY);
  const left = unknown().map(({ label }) => label);
  if (left.length > 0)
    throw new Violation(
      `in the end ${left.length} credentials are alive and in no version: ${left.join(', ')}`,
    );
}

const ends = ['Credential Revoked', 'Credential Expired', 'Revocation Abandoned'];

/** Each transition that no person had a hand in was announced, each time with an id of its own. */
export async function wasAnnounced(
  world: World,
  witness: Witness,
  journal: Journal,
  targets: readonly Target[],
): Promise<void> {
  for (const target of targets) {
    const { versions } = await world.ledger(target);
    const { promoted, ended, restored, stored, tampered } = witness.of(target.name);
    const check = (what: string, version: string, times: number, ...types: string[]) => {
      const told = tampered.has(version) ? times : journal.ids(version, ...types);
      if (told === 0)
        throw new Violation(`${target.name}: nobody was told that version ${version} was ${what}`);
      if (told < times)
        throw new Violation(
          `${target.name}: version ${version} was ${what} ${times} times, and ${told} ids were told`,
        );
    };
    for (const [version, times] of promoted)
      check('promoted', version, times, 'Credential Rotated', 'Rolled Back');
    for (const [version, times] of ended) {
      // one that was undone before the event bus took the word of it
      const untold = (restored.get(version) ?? 0) - journal.ids(version, 'Credential Restored');
      if (times > untold) check('ended', version, times - Math.max(0, untold), ...ends);
    }
    const bearing = new Set(versions.flatMap(({ id, credential }) => (credential ? [id] : [])));
    for (const version of stored.values())
      if (!bearing.has(version)) check('ended', version, 1, ...ends);
  }
}

export function keptItsSecrets(world: World, witness: Witness, thrown: readonly unknown[]): void {
  const admin = world.vendor.all.flatMap((vendor) =>
    Object.entries(JSON.parse(vendor.admin) as Record<string, string>),
  );
  const secrets = [
    ...world.issued,
    ...admin.flatMap(([key, value]) => (key === 'accessKey' ? [] : [value])),
  ];
  const places: Record<string, string> = {
    'an event': JSON.stringify(world.aws.events.recorded('default')),
    'a label': world.entries.flatMap(({ name }) => [...witness.of(name).labels]).join('\n'),
    'an error': thrown.map((error) => inspect(error, { depth: 10, showHidden: true })).join('\n'),
    'a URL': world.vendor.all.flatMap(({ requests }) => requests).join('\n'),
    'a recorded AWS call': JSON.stringify(world.aws.calls.all()),
  };
  for (const [place, text] of Object.entries(places)) {
    if (secrets.some((secret) => text.includes(secret)))
      throw new Violation(`a secret is in ${place}`);
  }
}
