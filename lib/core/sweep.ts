import { type Decision, type Due, decide } from './decide/index.ts';
import { RekeyError } from './errors.ts';
import type { Fleet, Target } from './fleet/target.ts';
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
    const snapshot = listed.get(target.secret) ?? (await described(store, target.secret));
    listed.delete(target.secret);
    const decision =
      snapshot instanceof RekeyError
        ? ({ action: 'wait', reason: 'secret-missing', message: snapshot.message } as const)
        : decide(target, snapshot, clock.now());
    targets.push({ target, snapshot: snapshot instanceof RekeyError ? undefined : snapshot, decision });
  }
  return { targets, strangers: [...listed.values()] };
}

/** One secret that may not be looked at must not end the sweep of all others. */
async function described(store: SecretStore, secret: string): Promise<Snapshot | RekeyError | undefined> {
  try {
    return await store.describe(secret);
  } catch (error) {
    if (error instanceof RekeyError && error.code === 'forbidden') return error;
    throw error;
  }
}

export interface DueTarget {
  readonly target: Target;
  readonly snapshot: Snapshot;
  readonly decision: Due;
}

/** The targets for which something is due now. */
export const dueTargets = ({ targets }: Sweep): readonly DueTarget[] =>
  targets.flatMap(({ target, snapshot, decision }) =>
    decision.action === 'wait' || !snapshot ? [] : [{ target, snapshot, decision }],
  );
