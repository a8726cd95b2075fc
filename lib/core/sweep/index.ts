import { type Decision, type Due, decide } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import type { Fleet } from '../fleet/target.ts';
import type { Clock, SecretStore, Snapshot } from '../ports.ts';
import { type Doubts, doubts } from './doubt.ts';
import type { Seen } from './seen.ts';

export type { Seen } from './seen.ts';

/** The state of the fleet, as one sweep sees it. */
export interface Sweep {
  readonly targets: readonly (Seen & { readonly decision: Decision })[];
  /** Refusals by a registry that are not believed. */
  readonly doubts: Doubts;
  /** Secrets that carry the fleet's tag and are not targets of it. */
  readonly removed: readonly Snapshot[];
}

/**
 * Reads the whole fleet: ListSecrets, 100 targets a call. The list may lag by five minutes, so each
 * decision is a hint; `reconcile` reads the secret again. `minutes` is the time between two sweeps.
 * A target whose secret lacks the tag, or is too new to be listed, is described individually.
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

/**
 * Describes one secret. A secret that may not be described must not end the sweep of all others.
 */
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

/** A target for which something is due. */
export interface DueTarget extends Seen {
  readonly snapshot: Snapshot;
  readonly decision: Due;
}

/** The targets for which something is due now. */
export const dueTargets = ({ targets }: Sweep): readonly DueTarget[] =>
  targets.flatMap(({ target, snapshot, decision }) =>
    decision.action === 'wait' || !snapshot ? [] : [{ target, snapshot, decision }],
  );
