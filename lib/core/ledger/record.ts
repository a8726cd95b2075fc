import { RekeyError } from '../errors.ts';
import type { SecretStore, Snapshot } from '../ports.ts';
import type { Secret } from '../secret.ts';
import { type Ledger, parseLedger, relabeled } from './index.ts';

/**
 * One secret as this worker knows it: described once, then updated with the worker's own writes. A
 * write of another worker at the same time causes `lost-race`; call `refresh` after it.
 */
export interface SecretRecord {
  readonly name: string;
  /** `undefined` if there is no such secret. */
  readonly snapshot: Snapshot | undefined;
  /** Throws `secret-missing` if there is no such secret. */
  readonly ledger: Ledger;
  refresh(): Promise<void>;
  read(version: string): Promise<Secret | undefined>;
  put(
    version: string,
    value: Secret,
    labels: readonly string[],
    rotationToken?: string,
  ): Promise<'stored' | 'exists'>;
  /** Asks Secrets Manager to rotate into this version. The next `refresh` shows the result. */
  requestRotation(version: string): Promise<void>;
  attach(label: string, version: string): Promise<void>;
  remove(label: string, version: string): Promise<void>;
  /** `beforeSend` is called right before the request is sent, once: see `LabelOptions`. */
  move(label: string, from: string, to: string, beforeSend?: () => void): Promise<void>;
  /**
   * Attaches a label, then removes others from that version; in reverse order if there is no room
   * for both.
   */
  replace(old: readonly string[], label: string, version: string): Promise<void>;
}

/** Creates the record of a secret. `signal` ends its calls, except the one that stores a value. */
export function secretRecord(store: SecretStore, name: string, signal?: AbortSignal): SecretRecord {
  let snapshot: Snapshot | undefined;

  const known = (): Snapshot => {
    if (!snapshot) throw new RekeyError('secret-missing', `the secret ${name} does not exist`);
    return snapshot;
  };

  async function label(
    text: string,
    move: { from?: string; to?: string },
    beforeSend?: () => void,
  ): Promise<void> {
    const before = known();
    if (!(await store.label(name, text, move, { signal, beforeSend }))) {
      throw new RekeyError(
        'lost-race',
        `a staging label of ${name} is not where it was a moment ago`,
      );
    }
    snapshot = relabeled(before, text, move);
  }

  return {
    name,
    get snapshot() {
      return snapshot;
    },
    get ledger() {
      return parseLedger(known());
    },
    async refresh() {
      snapshot = await store.describe(name, signal);
    },
    read: (version) => store.read(name, version, signal),
    async put(version, value, labels, rotationToken) {
      const result = await store.put(name, version, value, labels, rotationToken);
      if (result === 'stored')
        snapshot = labels.reduce((after, text) => relabeled(after, text, { to: version }), known());
      return result;
    },
    async requestRotation(version) {
      await store.rotate(name, version, signal);
    },
    attach: (text, to) => label(text, { to }),
    remove: (text, from) => label(text, { from }),
    move: (text, from, to, beforeSend) => label(text, { from, to }, beforeSend),
    async replace(old, text, version) {
      const others = old.filter((one) => one !== text);
      const moves = [
        () => label(text, { to: version }),
        ...others.map((one) => () => label(one, { from: version })),
      ];
      if (parseLedger(known()).free === 0) moves.reverse();
      for (const move of moves) await move();
    },
  };
}
