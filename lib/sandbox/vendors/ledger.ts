import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../core/ports.ts';

/** Milliseconds of the clock until the registry follows a change that the API has answered. */
export interface Delays {
  /** For a new credential. */
  create: number;
  /** For disabling and for enabling again. */
  disable: number;
  /** For a deletion. */
  delete: number;
}

/** One credential of a simulated vendor. It keeps the SHA-256 of the password. */
export interface Entry<Scope> {
  /** The vendor's id. */
  readonly id: string;
  /** Its label, by which rekey finds it. */
  readonly label: string;
  /** Its username at the registry. */
  readonly username: string;
  /** SHA-256 of the password. */
  digest: string;
  /** The account, project or robot that it belongs to. */
  readonly owner: string;
  /** When it was created, as ISO 8601. */
  readonly createdAt: string;
  /** Its rights. */
  scopes: readonly Scope[];
  /** When it expires, as ISO 8601; absent: never. */
  expiresAt?: string | undefined;
  /** False while it is disabled. */
  enabled: boolean;
  /** When it was deleted, as ISO 8601. */
  deletedAt?: string;
  /**
   * Times from which the registry accepts or refuses it. A later entry overrides an earlier one.
   */
  readonly effects: { readonly from: number; readonly accepted: boolean }[];
}

/** A credential's state at the API. A deleted credential stays `deleted` after its expiry. */
export type State = 'enabled' | 'disabled' | 'deleted' | 'expired';

type Wanted<Scope> = Pick<Entry<Scope>, 'id' | 'label' | 'username' | 'owner' | 'scopes'> & {
  readonly expiresAt?: Date | undefined;
};

/** Number of deleted and expired credentials that are remembered. */
const HISTORY = 1000;

/** The credentials of one vendor. `Scope` is the vendor's own data about a credential. */
export type Ledger<Scope> = ReturnType<typeof createLedger<Scope>>;

/**
 * The credentials of a simulated vendor: the API knows each change at once, the registry after a
 * delay.
 */
export function createLedger<Scope>({ clock, delays }: { clock: Clock; delays: Delays }) {
  let entries: Entry<Scope>[] = [];
  const now = () => clock.now().getTime();
  const tell = (entry: Entry<Scope>, accepted: boolean, delay: number) =>
    entry.effects.push({ from: now() + delay, accepted });

  function state({ deletedAt, expiresAt, enabled }: Entry<Scope>): State {
    if (deletedAt) return 'deleted';
    if (expiresAt && Date.parse(expiresAt) <= now()) return 'expired';
    return enabled ? 'enabled' : 'disabled';
  }
  const isLive = (entry: Entry<Scope>) => ['enabled', 'disabled'].includes(state(entry));
  const live = () => entries.filter(isLive);

  return {
    add({ expiresAt, ...wanted }: Wanted<Scope>, password: string): Entry<Scope> {
      const dead = new Set(entries.filter((entry) => !isLive(entry)).slice(0, -HISTORY));
      if (dead.size > 0) entries = entries.filter((entry) => !dead.has(entry));
      const createdAt = clock.now().toISOString();
      const entry = {
        ...wanted,
        digest: digest(password),
        createdAt,
        expiresAt: expiresAt?.toISOString(),
        enabled: true,
        effects: [],
      };
      tell(entry, true, delays.create);
      entries.push(entry);
      return entry;
    },
    /** The credentials that the API lists: neither deleted nor expired, oldest first. */
    live,
    /** The same, and expired ones: some vendors list them until they are deleted. */
    undeleted: () => entries.filter(({ deletedAt }) => !deletedAt),
    find: (id: string) => live().find((entry) => entry.id === id),
    /** When a credential with this username was last deleted. */
    deletedAt: (username: string) =>
      Math.max(
        ...entries.map((entry) =>
          entry.username === username && entry.deletedAt ? Date.parse(entry.deletedAt) : -Infinity,
        ),
      ),
    enable(entry: Entry<Scope>, enabled: boolean): void {
      if (entry.enabled !== enabled) tell(entry, enabled, delays.disable);
      entry.enabled = enabled;
    },
    /** Replaces the password. */
    renew(entry: Entry<Scope>, password: string): void {
      entry.digest = digest(password);
    },
    remove(entry: Entry<Scope>): void {
      entry.deletedAt = clock.now().toISOString();
      tell(entry, false, delays.delete);
    },
    /** The credential that the registry accepts for this login at the moment. */
    login(username: string, password: string): Entry<Scope> | undefined {
      const known = entries.filter(
        (entry) => entry.username === username && entry.digest === digest(password),
      );
      return known.find(
        ({ effects, expiresAt }) =>
          effects.findLast(({ from }) => from <= now())?.accepted === true &&
          (!expiresAt || Date.parse(expiresAt) > now()),
      );
    },
    /** Ground truth, without passwords. */
    credentials: () =>
      entries.map((entry) => {
        const { id, label, username, createdAt } = entry;
        return { id, label, username, state: state(entry), createdAt: new Date(createdAt) };
      }),
    dump: (): unknown => structuredClone(entries),
    restore: (dumped: unknown) => {
      entries = structuredClone(dumped) as Entry<Scope>[];
    },
  };
}

const digest = (password: string): string => createHash('sha256').update(password).digest('hex');

/** `bytes` random bytes as hex digits. `random` makes runs repeatable. */
export function hex(bytes: number, random?: () => number): string {
  if (!random) return randomBytes(bytes).toString('hex');
  return Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256))).toString(
    'hex',
  );
}

/** A random UUID, version 4. */
export function uuid(random?: () => number): string {
  const digits = hex(16, random);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `a${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join('-');
}
