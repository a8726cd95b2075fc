import { type Decision, type Due, decide } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import type { Fleet } from '../fleet/target.ts';
import type { Clock, SecretStore, Snapshot } from '../ports.ts';
import { type Doubts, doubts } from './doubt.ts';
import type { Seen } from './seen.ts';

export type { Seen } from './seen.ts';

export interface Sweep {
  readonly targets: readonly (Seen & { readonly decision: Decision })[];
  /** Whose registry is not believed that it refuses them. */
  readonly doubts: Doubts;
  /** Secrets that bear the fleet's tag and are no target of it (any more). */
  readonly removed: readonly Snapshot[];
}

/**
 * Looks at the whole fleet: ListSecrets, 100 targets a call. Its view may lag by five minutes, so
 * each answer is a hint; `reconcile` looks again. `minutes` is the time between two sweeps. A
 * target whose secret lacks the tag, or is too new to be listed, is described by itself.
 */
export async function sweep(
  { store, clock }: { store: SecretStore; clock: Clock },
  fleet: Fleet,
  minutes = 5,
): Promise<Sweep> {
  const listed = new Map<string, Snapshot>();
  for await (const snapshot of store.list(fleet.id)) listed.set(snapshot.name, snapshot);
  const seen: (Seen & { readonly forbidden?: RekeyError })[] = [];
  for (const target of fleet.targets) {
    const snapshot = listed.get(target.secret) ?? (await described(store, target.secret));
    listed.delete(target.secret);
    seen.push(
      snapshot instanceof RekeyError
        ? { target, snapshot: undefined, forbidden: snapshot }
        : { target, snapshot },
    );
  }
  const now = clock.now();
  const doubted = doubts(seen, now, minutes);
  const targets = seen.map(({ target, snapshot, forbidden }) => {
    const decision: Decision = forbidden
      ? { action: 'wait', reason: 'secret-missing', message: forbidden.message }
      : decide(target, snapshot, now, { doubted: doubted.disbelieved.has(target.name) });
    return { target, snapshot, decision };
  });
  return { targets, doubts: doubted, removed: [...listed.values()] };
}

/** One secret that may not be looked at must not end the sweep of all others. */
async function described(
  store: SecretStore,
  secret: string,
): Promise<Snapshot | RekeyError | undefined> {
  try {
    return await store.describe(secret);
  } catch (error) {
    if (error instanceof RekeyError && error.code === 'forbidden') return error;
    throw error;
  }
}

export interface DueTarget extends Seen {
  readonly snapshot: Snapshot;
  readonly decision: Due;
}

/** The targets for which something is due now. */
export const dueTargets = ({ targets }: Sweep): readonly DueTarget[] =>
  targets.flatMap(({ target, snapshot, decision }) =>
    decision.action === 'wait' || !snapshot ? [] : [{ target, snapshot, decision }],
  );
