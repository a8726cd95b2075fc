import { parseLedger } from '../../../lib/core/ledger/index.ts';
import { currentVersion, snapshotOf, type World } from './world.ts';

/*
 * Everything that the explorer knows about rekey's labels. All other judgments rest on the world:
 * the vendor's credentials, the value of AWSCURRENT, the published events.
 */

/** The versions that may be promoted. */
export const candidates = (world: World): readonly string[] =>
  parseLedger(snapshotOf(world))
    .versions.filter(({ pending, current }) => pending && !current)
    .map(({ id }) => id);

/**
 * The kind of one of rekey's labels; `undefined` for any other. AWSPENDING may mark a candidate
 * too.
 */
export const kindOfLabel = (label: string): string | undefined =>
  label === 'AWSPENDING' ? 'candidate' : /^rekey:(?:\d+:)?([a-z-]+):/.exec(label)?.[1];

/** For each kind, the newest label that a person may remove. */
export function removable(
  world: World,
): ReadonlyMap<string, { readonly version: string; readonly label: string }> {
  const current = currentVersion(world);
  const found = new Map<string, { version: string; label: string }>();
  for (const [version, labels] of Object.entries(world.labels))
    for (const label of labels) {
      const kind = kindOfLabel(label);
      // on the current version it marks an event that is not published yet
      if (kind && !(kind === 'candidate' && version === current))
        found.set(kind, { version, label });
    }
  return found;
}

/** True if the ledger records that the target left the fleet. */
export const removalNoted = (world: World): boolean =>
  parseLedger(snapshotOf(world)).versions.some(({ removedAt }) => removedAt !== undefined);
