import { type Decision, decide } from './decide/index.ts';
import type { Fleet, Target } from './fleet/index.ts';
import type { Clock, SecretStore, Snapshot } from './ports.ts';

export interface Sweep {
  readonly targets: readonly { readonly target: Target; readonly snapshot: Snapshot | undefined; readonly decision: Decision }[];
  /** Secrets that bear the fleet's tag and are no target of it (any more). */
  readonly strangers: readonly Snapshot[];
}

/**
 * Looks at the whole fleet: ListSecrets, 100 targets a call. Its view may lag by five minutes, so each answer is a hint;
 * `reconcile` looks again. A target whose secret lacks the tag, or is too new to be listed, is described by itself.
 */
export async function sweep({ store, clock }: { store: SecretStore; clock: Clock }, fleet: Fleet): Promise<Sweep> {
  const listed = new Map<string, Snapshot>();
  for await (const snapshot of store.list(fleet.id)) listed.set(snapshot.name, snapshot);
  const targets: { target: Target; snapshot: Snapshot | undefined; decision: Decision }[] = [];
  for (const target of fleet.targets) {
    const snapshot = listed.get(target.secret) ?? (await store.describe(target.secret));
    listed.delete(target.secret);
    targets.push({ target, snapshot, decision: decide(target, snapshot, clock.now()) });
  }
  return { targets, strangers: [...listed.values()] };
}
