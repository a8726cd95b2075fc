import { type Decision, type Due, decide } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import type { Fleet, Target } from '../fleet/target.ts';
import type { Clock, SecretStore, Snapshot } from '../ports.ts';
import { type Doubts, doubts } from './doubt.ts';
import { compact, readFacts } from './facts.ts';
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
 * A target whose secret lacks the tag, or is too new to be listed, is described individually. The
 * facts are read page by page. Without `snapshots`, each page is dropped then.
 */
export async function sweep(
  { store, clock }: { store: SecretStore; clock: Clock },
  fleet: Fleet,
  minutes = 5,
  { snapshots = true }: { readonly snapshots?: boolean } = {},
): Promise<Sweep> {
  const look = (target: Target, snapshot: Snapshot): Seen => {
    const facts = readFacts(target, snapshot, clock.now());
    return snapshots
      ? { target, snapshot, facts }
      : { target, snapshot: undefined, facts: compact(facts) };
  };
  const places = new Map(fleet.targets.map(({ secret }, place) => [secret, place]));
  const found = fleet.targets.map((): Seen | undefined => undefined);
  const removed = new Map<string, Snapshot>();
  for await (const snapshot of store.list(fleet.id)) {
    const place = places.get(snapshot.name) ?? -1;
    const target = fleet.targets[place];
    if (target) found[place] = look(target, snapshot);
    else removed.set(snapshot.name, snapshot);
  }
  const forbidden = new Map<Target, RekeyError>();
  const seen: Seen[] = [];
  for (const [place, target] of fleet.targets.entries()) {
    const known = found[place] ?? (await described(store, target.secret));
    if (known instanceof RekeyError) forbidden.set(target, known);
    if (!known || known instanceof RekeyError) seen.push({ target, snapshot: undefined });
    else seen.push('target' in known ? known : look(target, known));
  }
  const now = clock.now();
  const doubted = doubts(seen, now, minutes);
  const targets = seen.map((one) => {
    const refusal = forbidden.get(one.target);
    const decision: Decision = refusal
      ? { action: 'wait', reason: 'secret-missing', message: refusal.message }
      : decisionOf(one, now, doubted);
    return { ...one, decision };
  });
  return { targets, doubts: doubted, removed: [...removed.values()] };
}

function decisionOf({ target, facts }: Seen, now: Date, { disbelieved }: Doubts): Decision {
  if (!facts) return decide(target, undefined, now);
  return (disbelieved.has(target.name) && facts.doubted) || facts.decision;
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
  readonly decision: Due;
}

/** The targets for which something is due now. */
export const dueTargets = ({ targets }: Sweep): readonly DueTarget[] =>
  targets.flatMap(({ decision, ...seen }) =>
    decision.action === 'wait' ? [] : [{ ...seen, decision }],
  );
