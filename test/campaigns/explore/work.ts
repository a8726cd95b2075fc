import type { InboundType } from '../../../lib/core/events/index.ts';
import type { Fleet } from '../../../lib/core/fleet/index.ts';
import { revokeOrphans } from '../../../lib/core/jobs/orphans.ts';
import { announceRemoved } from '../../../lib/core/jobs/removed.ts';
import { request } from '../../../lib/core/jobs/requests.ts';
import { type Outcome, reconcile } from '../../../lib/core/reconcile/index.ts';
import { type Through, Violation } from './effect.ts';
import { engineOf } from './engine.ts';
import { removalNoted } from './labels.ts';
import { targetOf } from './target.ts';
import { alive, change, snapshotOf, tell, type World } from './world.ts';

/* The work of rekey's functions, by the real code. */

const options = (correlationId: string) => ({
  signal: new AbortController().signal,
  correlationId,
});

/** The worker function, with the current fleet file. */
export async function work(
  world: World,
  through: Through,
  name: string,
  checked = false,
): Promise<Outcome> {
  const engine = engineOf(world, through);
  if (world.retiredAt !== undefined && !removalNoted(world))
    await announceRemoved(engine, 'acme', snapshotOf(world), name);
  return reconcile(engine, targetOf(world), { ...options(name), checked });
}

/** The orphan scan of the only admin account. */
export const lookForOrphans = (world: World, through: Through, name: string): Promise<unknown> => {
  const fleet: Fleet = { id: 'acme', targets: [targetOf({ ...world, retiredAt: undefined })] };
  return revokeOrphans(
    engineOf(world, through),
    fleet,
    { provider: 'vendor', admin: 'admin/vendor' },
    options(name),
  );
};

let requests = 0;

/**
 * The request function. An error that the requester sees promises nothing, so the story records
 * whether the request was accepted.
 */
export async function ask(world: World, through: Through, type: InboundType): Promise<void> {
  const number = requests++;
  tell(world, { what: 'asked', type, number });
  const leaked = type === 'Credential Compromised' ? exposed(world) : [];
  for (const id of leaked) change(world, id, { leaked: 'known' });
  const { store, clock } = engineOf(world, through);
  const covered = () => {
    if (type !== 'Credential Compromised') return;
    for (const one of Object.values(world.credentials))
      if (!one.leaked) change(world, one.id, { leaked: 'covered' });
  };
  try {
    await request(store, clock, type, targetOf(world), `asked-${number}`, { toBeRefused: true });
    tell(world, { what: 'accepted', number });
    covered();
  } catch (error) {
    if (error instanceof Violation) throw error;
    // part of the request may be written down
    for (const id of leaked) change(world, id, { leaked: undefined });
    covered();
    tell(world, { what: 'refused', number });
    throw error;
  }
}

/** Live or restorable credentials that consumers have or had, and that are not reported yet. */
const exposed = (world: World): readonly string[] =>
  Object.values(world.credentials)
    .filter((one) => one.leaked !== 'known' && (alive(one, world.now) || one.state === 'disabled'))
    .filter(({ id }) =>
      world.story.some((happening) => happening.what === 'promoted' && happening.credential === id),
    )
    .map(({ id }) => id);

/** Numbers requests within the story of one world. */
export const countRequestsFrom = (world: World): void => {
  requests = world.story.filter(({ what }) => what === 'asked').length;
};
