import { inspect } from 'node:util';
import { superseded } from '../../../lib/core/ledger/index.ts';
import { DAY, HOUR } from '../../../lib/core/time.ts';
import { meaning } from '../../support/meaning.ts';
import { Violation, type Witness } from './witness.ts';
import { restOf, type World } from './world.ts';

/**
 * Invariants of a world at rest: no work is half done, no superseded credential is alive, no live
 * credential is unknown.
 */
export async function holdsAtRest(world: World, witness: Witness, retired: boolean): Promise<void> {
  const { clock, target, provider } = world;
  const { current, pending, versions } = await world.ledger();
  if (pending) throw new Violation(`version ${pending.id} stays pending`);
  if (!retired && !current?.credential) throw new Violation('no credential is current');
  if (current?.credential && (await world.accepts(current.id)) !== 'accepted')
    throw new Violation('the registry refuses the current credential');
  for (const { id, revokeAfter, disabledAt, credential } of versions.filter(superseded)) {
    const ends =
      disabledAt ?? (target.revocable ? revokeAfter : (credential.expiresAt ?? revokeAfter));
    if (!ends || ends.getTime() + (disabledAt ? target.soak : 0) <= clock.now().getTime())
      throw new Violation(`version ${id} is past its end, and its credential still has a label`);
  }
  for (const [id, since] of witness.supersededAt) {
    const over = since.getTime() + restOf(world) <= clock.now().getTime();
    if (!over || id === current?.id || !witness.promotions.has(id)) continue;
    const verdict = await world.accepts(id);
    if (verdict === 'accepted')
      throw new Violation(
        `the registry still accepts version ${id}, superseded ${since.toISOString()}`,
      );
  }
  const known = versions.flatMap(({ credential }) => (credential ? [credential.id] : []));
  const unknown = alive(world).filter((id) => !known.includes(id));
  if (unknown.length === 0) return;
  if (provider.find)
    throw new Violation(`${unknown.length} credentials are alive and in no version`);
  // a credential that cannot be listed must expire: no worker will revoke it
  world.wait(
    (provider.lifetime?.(target.params) ?? target.interval + 2 * target.grace + target.soak + DAY) +
      HOUR,
  );
  const left = alive(world).filter((id) => unknown.includes(id));
  if (left.length > 0)
    throw new Violation(`${left.length} credentials are alive, in no version, and do not expire`);
}

const alive = (world: World): string[] =>
  [...world.states()].flatMap(([id, state]) =>
    state === 'enabled' || state === 'disabled' ? [id] : [],
  );

interface Told {
  readonly 'detail-type': string;
  readonly detail: {
    readonly metadata: { readonly id: string };
    readonly data: Readonly<Record<string, unknown>>;
  };
}

const eventsOf = ({ aws }: World): Told[] => aws.events.recorded('default') as unknown as Told[];

/**
 * Checks that each transition was announced, and that each repeat has the id of the first event.
 */
export async function wasAnnounced(world: World, witness: Witness): Promise<void> {
  const events = eventsOf(world);
  const ids = (version: string, ...types: readonly string[]) =>
    new Set(
      events
        .filter(
          (event) =>
            types.includes(event['detail-type']) && event.detail.data.versionId === version,
        )
        .map(({ detail }) => detail.metadata.id),
    ).size;
  const check = (what: string, version: string, told: number, seen: number) => {
    if (told === 0) throw new Violation(`no event says that version ${version} was ${what}`);
    if (told > seen)
      throw new Violation(
        `version ${version} was ${what} ${seen} times, and announced with ${told} ids`,
      );
  };
  for (const [version, seen] of witness.promotions)
    check('promoted', version, ids(version, 'Credential Rotated', 'Rolled Back'), seen);
  const { versions } = await world.ledger();
  const bearing = new Set(
    versions.flatMap(({ id, credential, disabledAt }) => (credential && !disabledAt ? [id] : [])),
  );
  for (const version of new Set(witness.stored.values())) {
    if (bearing.has(version)) continue;
    const told = ids(version, 'Credential Revoked', 'Credential Expired', 'Revocation Abandoned');
    // a credential that may have been enabled again in between is announced as alive, and as dead
    // again
    check(
      'ended',
      version,
      told,
      (witness.endings.get(version) ?? 1) + ids(version, 'Credential Restored'),
    );
  }
  // a credential from before a report of compromise must not replace the reported one
  const reported = events.some(({ detail }) => detail.data.reason === 'compromised');
  const orphaned = events.some((event) => event['detail-type'] === 'Orphan Revoked');
  if (world.provider.capabilities.readAgain && orphaned && !reported)
    throw new Violation('a credential that can be read again was revoked as an orphan');
  oneMeaning(events);
}

/**
 * An id is one transition, and its repeats have the same content: a subscriber that drops them
 * loses nothing.
 */
function oneMeaning(events: readonly Told[]): void {
  const meanings = new Map<string, string>();
  for (const event of events) {
    const { metadata, data } = event.detail;
    const means = meaning({ type: event['detail-type'], data });
    const before = meanings.get(metadata.id) ?? means;
    if (before !== means) throw new Violation(`one event id, two meanings: ${before} and ${means}`);
    meanings.set(metadata.id, means);
  }
}

/**
 * Checks that no admin secret and no issued password is in an event, label, error, log or request.
 */
export function keptItsSecrets(
  world: World,
  witness: Witness,
  issued: ReadonlySet<string>,
  shown: readonly unknown[],
): void {
  const admin = JSON.parse(world.vendor.admin) as Record<string, string>;
  const secrets = [
    ...issued,
    ...Object.entries(admin).flatMap(([key, value]) =>
      /^(username|accessKey)$/.test(key) ? [] : [value],
    ),
  ];
  const depth = {
    depth: 30,
    showHidden: true,
    maxArrayLength: null,
    maxStringLength: null,
  } as const;
  const places: Readonly<Record<string, string>> = {
    'an event': JSON.stringify(eventsOf(world)),
    'a label': [...witness.labels].join('\n'),
    'an error, a step or a log': shown
      .map((one) => (typeof one === 'string' ? one : inspect(one, depth)))
      .join('\n'),
    'a URL': world.vendor.requests.join('\n'),
    'a recorded AWS call': JSON.stringify(world.aws.calls.all()),
  };
  for (const [place, text] of Object.entries(places)) {
    if (secrets.some((secret) => text.includes(secret)))
      throw new Violation(`a secret is in ${place}`);
  }
}
