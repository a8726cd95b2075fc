import { removable } from './labels.ts';
import { moveLabel, putValue } from './store.ts';
import { alive, change, currentCredential, currentVersion, tell, type World } from './world.ts';

/** A person's action in a console, bypassing rekey. */
export interface Hand {
  readonly possible: (world: World) => boolean;
  readonly act: (world: World) => void;
}

const previous = (world: World): string | undefined =>
  Object.keys(world.labels).find((id) => {
    const credential = world.credentials[world.values[id]?.credential ?? ''];
    return world.labels[id]?.includes('AWSPREVIOUS') && credential && alive(credential, world.now);
  });

/** The newest credential that is alive and not current. */
const other = (world: World) =>
  Object.values(world.credentials).findLast(
    (one) => alive(one, world.now) && one.id !== currentCredential(world)?.id,
  );

const harm = (world: World, id: string | undefined): void => {
  if (id !== undefined) change(world, id, { state: 'deleted', harmed: true });
};

export const hands: Readonly<Record<string, Hand>> = {
  'value-by-hand': {
    possible: (world) => currentCredential(world) !== undefined,
    act: (world) => {
      const count = Object.keys(world.values).length;
      const text = JSON.stringify({
        username: 'somebody',
        password: `by-hand-${count}`,
        registry: 'registry.example.com',
      });
      putValue(
        world,
        `b0000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
        text,
        ['AWSCURRENT'],
        undefined,
        true,
      );
    },
  },
  'current-by-hand': {
    possible: (world) => previous(world) !== undefined,
    act: (world) => {
      const [from, to] = [currentVersion(world), previous(world)];
      if (from && to) moveLabel(world, 'AWSCURRENT', { from, to }, true);
    },
  },
  'current-deleted': {
    possible: (world) => currentCredential(world)?.state === 'enabled',
    act: (world) => harm(world, currentCredential(world)?.id),
  },
  'other-deleted': {
    possible: (world) => other(world) !== undefined,
    act: (world) => harm(world, other(world)?.id),
  },
  edit: {
    possible: ({ spec }) => spec === 'cafe0001',
    act: (world) => {
      world.spec = 'cafe0002';
    },
  },
  retire: {
    possible: ({ retiredAt }) => retiredAt === undefined,
    act: (world) => {
      world.retiredAt = world.now;
    },
  },
};

/**
 * Removes the label of a kind. The person is to blame for what follows from a missing `credential`
 * or `compromised` label.
 */
export function unlabel(world: World, kind: string): void {
  const found = removable(world).get(kind);
  if (!found) throw new Error(`unlabel:${kind}: no such label`);
  moveLabel(world, found.label, { from: found.version });
  const credential = world.values[found.version]?.credential;
  tell(world, { what: 'unlabelled', kind });
  if (kind === 'credential' && credential !== undefined)
    change(world, credential, { harmed: true });
  if (kind !== 'compromised') return;
  for (const { id, leaked } of Object.values(world.credentials))
    if (leaked) change(world, id, { leaked: 'covered' });
}
