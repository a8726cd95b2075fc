import { MINUTE } from '../time.ts';
import type { Window } from './window.ts';

/**
 * The tag whose value is the fleet a secret belongs to: the sweep lists by it. Membership is the
 * fleet file's to say.
 */
export const FLEET_TAG = 'rekey:fleet';

/**
 * No credential of a target is issued sooner than this after another: Secrets Manager keeps about
 * 100 versions of a secret, and drops none younger than a day.
 */
export const MIN_INTERVAL = 15 * MINUTE;

/**
 * One entry of the fleet: a secret and how it is rotated. Durations in milliseconds. Plain data: it
 * travels as JSON.
 */
export interface Target {
  readonly fleet: string;
  readonly name: string;
  /** Name of the secret it is stored in. */
  readonly secret: string;
  readonly provider: string;
  /** Name of the secret that holds the admin credential. */
  readonly admin: string;
  /** As the provider's schema parsed them. */
  readonly params: unknown;
  /** Where its credentials live, as it stands in the ledger: see `placeOf`. */
  readonly place: string;
  /** Where former credentials live that have not ended yet. */
  readonly former?: readonly Former[] | undefined;
  /** Who calls for a rotation: rekey itself, or Secrets Manager, whom rekey asks to. */
  readonly driver: 'rekey' | 'secrets-manager';
  /** Hash of what the credential is issued for; when it changes, the target rotates. */
  readonly spec: string;
  readonly format: 'fields' | 'dockerconfigjson';
  readonly interval: number;
  readonly grace: number;
  /** 0 where the provider cannot disable. */
  readonly soak: number;
  readonly compromisedGrace: number;
  /** False where a credential can only expire. */
  readonly revocable: boolean;
  /**
   * How many credentials may be alive at once: what the provider allows, or what the ledger has
   * room for.
   */
  readonly liveAtOnce: number;
  readonly window?: Window | undefined;
  readonly verify: {
    readonly within: number;
    /** How often the current credential is tried at the registry; 0: never. */
    readonly every: number;
    readonly access?:
      | { readonly repository: string; readonly actions: readonly string[] }
      | undefined;
    readonly manifest?: string | undefined;
  };
  /**
   * It left the fleet and its credentials are to end: never read from a fleet file, `rekey retire`
   * sets it.
   */
  readonly retired?: true | undefined;
}

/**
 * Where a target's credentials were issued before it moved, and what it takes to end them there.
 */
export interface Former
  extends Pick<Target, 'provider' | 'admin' | 'params' | 'place' | 'revocable'> {}

export interface Fleet {
  readonly id: string;
  readonly targets: readonly Target[];
  /**
   * How old a credential is that no version knows before it is taken for an orphan. @default twice
   * the longest run of a worker
   */
  readonly orphanAge?: number;
  readonly network?: Network | undefined;
}

export interface Network {
  /** Address ranges that may be connected to besides public ones. */
  readonly allow: readonly string[];
  /**
   * Certificates, as PEM, of authorities that are trusted besides the public ones: the text, since
   * it travels with the fleet.
   */
  readonly ca?: string | undefined;
}
