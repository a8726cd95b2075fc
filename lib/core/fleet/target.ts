import { MINUTE } from '../time.ts';
import type { Window } from './window.ts';

/**
 * The tag by which the sweep lists the secrets of a fleet; its value is the fleet's id. The fleet
 * file alone decides which secrets belong to the fleet.
 */
export const FLEET_TAG = 'rekey:fleet';

/**
 * The shortest time between two credentials of a target, in milliseconds: Secrets Manager keeps
 * about 100 versions of a secret, and drops none younger than a day.
 */
export const MIN_INTERVAL = 15 * MINUTE;

/**
 * One entry of the fleet: a secret and how it is rotated. Durations are in milliseconds. It is
 * plain data that is sent as JSON.
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
  /** The place where its credentials live, as in the ledger: see `placeOf`. */
  readonly place: string;
  /** The former places of credentials that have not ended yet. */
  readonly former?: readonly Former[] | undefined;
  /** Starts the rotations: rekey, or Secrets Manager when rekey asks for one. */
  readonly driver: 'rekey' | 'secrets-manager';
  /** Hash of the parameters for which the credential is issued; a change rotates the target. */
  readonly spec: string;
  readonly format: 'fields' | 'dockerconfigjson';
  readonly interval: number;
  readonly grace: number;
  /** 0 if the provider cannot disable. */
  readonly soak: number;
  readonly compromisedGrace: number;
  /** False if a credential can only expire. */
  readonly revocable: boolean;
  /** How many credentials may be alive at once: the provider's limit, or the ledger's. */
  readonly liveAtOnce: number;
  readonly window?: Window | undefined;
  readonly verify: {
    readonly within: number;
    /** How often the current credential is checked at the registry; 0: never. */
    readonly every: number;
    readonly access?:
      | { readonly repository: string; readonly actions: readonly string[] }
      | undefined;
    readonly manifest?: string | undefined;
  };
  /**
   * It left the fleet, and its credentials have to end. Only `rekey retire` sets it, never a fleet
   * file.
   */
  readonly retired?: true | undefined;
}

/**
 * A place where a target's credentials were issued before it moved, with everything needed to end
 * them there.
 */
export interface Former
  extends Pick<Target, 'provider' | 'admin' | 'params' | 'place' | 'revocable'> {}

/**
 * A valid fleet file, as `parseFleet` returns it. Like a target, it is plain data with durations in
 * milliseconds.
 */
export interface Fleet {
  readonly id: string;
  readonly targets: readonly Target[];
  /**
   * The age at which a credential that no version knows is an orphan. @default twice the longest
   * run of a worker
   */
  readonly orphanAge?: number;
  readonly network?: Network | undefined;
}

/**
 * The setting `network` of the fleet file: extra addresses and authorities for vendors and
 * registries. Calls to AWS do not use it.
 */
export interface Network {
  /** Address ranges that rekey may connect to, in addition to public addresses. */
  readonly allow: readonly string[];
  /**
   * PEM certificates of authorities that are trusted in addition to the public ones. It is the
   * text, not a path, because it is sent with the fleet.
   */
  readonly ca?: string | undefined;
}
