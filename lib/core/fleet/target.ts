import type { Window } from './window.ts';

/** The tag whose value is the fleet a secret belongs to: the sweep lists by it. Membership is the fleet file's to say. */
export const FLEET_TAG = 'rekey:fleet';

/** One entry of the fleet: a secret and how it is rotated. Durations in milliseconds. */
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
  /** How many credentials the provider lets be alive at once. */
  readonly liveAtOnce: number;
  readonly window?: Window | undefined;
  readonly verify: {
    readonly within: number;
    readonly access?: { readonly repository: string; readonly actions: readonly string[] } | undefined;
    readonly manifest?: string | undefined;
  };
}

export interface Fleet {
  readonly id: string;
  readonly targets: readonly Target[];
}
