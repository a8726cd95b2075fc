import { relabeled } from '../../lib/core/ledger/index.ts';
import type { SecretStore, Snapshot } from '../../lib/core/ports.ts';

/** A store of one secret that keeps only staging labels, for tests of what is written there. */
export function labelStore(first: Snapshot): {
  readonly store: SecretStore;
  readonly snapshot: () => Snapshot;
} {
  let snapshot = first;
  const uncalled = () => Promise.reject(new Error('not called'));
  const on = (label: string) =>
    Object.keys(snapshot.versions).find((id) => snapshot.versions[id]?.includes(label));
  const store: SecretStore = {
    // biome-ignore lint/correctness/useYield: it lists nothing
    async *list() {
      throw new Error('not called');
    },
    describe: async () => snapshot,
    // no version has a value
    read: async () => undefined,
    put: uncalled,
    rotate: uncalled,
    async label(_secret, label, { from, to }) {
      const there = on(label);
      // a repeat changes nothing; a label on another version moves only if the caller names that
      // version
      if (from ? there !== from : there !== undefined && there !== to) return false;
      snapshot = relabeled(snapshot, label, { ...(from && { from }), ...(to && { to }) });
      return true;
    },
  };
  return { store, snapshot: () => snapshot };
}
