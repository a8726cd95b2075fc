import { RekeyError } from '../errors.ts';
import type { SecretStore, Snapshot } from '../ports.ts';
import type { Secret } from '../secret.ts';
import { type Ledger, parseLedger, relabelled } from './index.ts';

/**
 * One secret as this worker knows it: described once, then kept in step with what the worker itself
 * writes. What another worker writes at the same time shows as `lost-race`, after which it is
 * described again.
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
  /**
   * Asks Secrets Manager to rotate into this version; what comes of it is seen at the next look.
   */
  requestRotation(version: string): Promise<void>;
  attach(label: string, version: string): Promise<void>;
  remove(label: string, version: string): Promise<void>;
  /** `beforeSend` is called right before the request is sent, which happens once: see `LabelOptions`. */
  move(label: string, from: string, to: string, beforeSend?: () => void): Promise<void>;
  /**
   * Attaches a label, then removes others from that version; the other way round where there is no
   * room for both.
   */
  replace(old: readonly string[], label: string, version: string): Promise<void>;
}

/** `signal` ends its calls, but for the one that stores a value. */
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
    snapshot = relabelled(before, text, move);
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
        snapshot = labels.reduce(
          (after, text) => relabelled(after, text, { to: version }),
          known(),
        );
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
