import type { Snapshot } from '../ports.ts';

/**
 * The snapshot after a label was attached, removed or moved, with the effects that Secrets Manager
 * adds: AWSPREVIOUS follows AWSCURRENT, and a version without a label disappears.
 */
export function relabeled(
  snapshot: Snapshot,
  label: string,
  { from, to }: { from?: string; to?: string },
): Snapshot {
  const versions: Record<string, readonly string[]> = { ...snapshot.versions };
  const take = (id: string, name: string) => {
    const left = (versions[id] ?? []).filter((stage) => stage !== name);
    if (left.length > 0) versions[id] = left;
    else delete versions[id];
  };
  const give = (id: string, name: string) => {
    for (const other of Object.keys(versions)) take(other, name);
    versions[id] = [...(versions[id] ?? []), name];
  };
  if (to) give(to, label);
  if (from && from !== to) {
    take(from, label);
    if (label === 'AWSCURRENT') give(from, 'AWSPREVIOUS');
  }
  return { ...snapshot, versions };
}
