import { hash } from 'node:crypto';
import type { Snapshot } from '../../../lib/core/ports.ts';

/** The parts of the world that can fail on their own. */
export const scopes = ['registry', 'vendor', 'bus', 'aws'] as const;
export type Scope = (typeof scopes)[number];

/** A credential as the vendor knows it, and what the judge remembers about it. */
export interface Issued {
  readonly id: string;
  readonly label: string;
  readonly username: string;
  readonly password: string;
  readonly issuedAt: number;
  readonly expiresAt?: number | undefined;
  readonly state: 'enabled' | 'disabled' | 'deleted';
  /** True once the registry has accepted it. */
  readonly accepted?: boolean;
  /**
   * True if a person ended it at the vendor, or removed the label that identifies it. The engine is
   * not to blame.
   */
  readonly harmed?: boolean;
  /**
   * Reported as compromised. `known`: consumers had it, so it must end. `covered`: issued before
   * the report, so it may end early.
   */
  readonly leaked?: 'known' | 'covered' | undefined;
  /** The time at which it stopped being AWSCURRENT. */
  readonly leftAt?: number | undefined;
  /** The end that an event announced for it. */
  readonly announced?: number | undefined;
}

/** A happening that the judge needs later. Order counts. */
export type Happening =
  | { readonly what: 'issued'; readonly credential: string }
  | {
      readonly what: 'promoted';
      readonly version: string;
      readonly from?: string | undefined;
      readonly byHand: boolean;
      readonly credential?: string | undefined;
    }
  | {
      readonly what: 'event';
      readonly id: string;
      readonly type: string;
      readonly data: Readonly<Record<string, unknown>>;
    }
  | { readonly what: 'asked'; readonly type: string; readonly number: number }
  | { readonly what: 'accepted' | 'refused'; readonly number: number }
  | { readonly what: 'unlabelled'; readonly kind: string };

/**
 * The whole world of one target as plain data. Records are replaced, never changed, so a shallow
 * copy is enough.
 */
export interface World {
  now: number;
  /** Staging labels by version. A version without labels has no entry. */
  labels: Readonly<Record<string, readonly string[]>>;
  /** The value of each version, and the credential in it. */
  values: Readonly<
    Record<string, { readonly text: string; readonly credential?: string | undefined }>
  >;
  credentials: Readonly<Record<string, Issued>>;
  story: readonly Happening[];
  /** Hash of the story. */
  digest: string;
  /** Time until which each scope fails. */
  outages: Readonly<Record<Scope, number>>;
  /** Hash of the parameters in the fleet file. */
  spec: string;
  retiredAt?: number | undefined;
  /** True if a person made the current version current. */
  movedByHand: boolean;
  /** A wrong move of AWSCURRENT. The worker may still undo it before it is announced. */
  probation?:
    | {
        readonly check: string;
        readonly message: string;
        readonly version: string;
        readonly from?: string | undefined;
        readonly leftAt?: number | undefined;
      }
    | undefined;
}

export const START = Date.parse('2026-01-15T09:30:00Z');
export const ARN = 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:rekey/acme/app-AbCdEf';

export const SECRET = 'rekey/acme/app';

export const snapshotOf = ({ labels }: World): Snapshot => ({
  arn: ARN,
  name: SECRET,
  versions: labels,
});

export const digestOf = (text: string): string => hash('sha1', text, 'base64').slice(0, 20);

/** An empty secret, as a deployment creates it. */
export const emptyWorld = (): World => ({
  now: START,
  labels: { 'a0000000-0000-4000-8000-000000000000': ['AWSCURRENT'] },
  values: { 'a0000000-0000-4000-8000-000000000000': { text: '{}' } },
  credentials: {},
  story: [],
  digest: '',
  outages: { registry: 0, vendor: 0, bus: 0, aws: 0 },
  spec: 'cafe0001',
  movedByHand: false,
});

export const copyOf = (world: World): World => ({ ...world });

export function tell(world: World, happening: Happening): void {
  world.story = [...world.story, happening];
  world.digest = digestOf(world.digest + JSON.stringify(happening));
}

export function change(world: World, id: string, difference: Partial<Issued>): void {
  const known = world.credentials[id];
  if (known) world.credentials = { ...world.credentials, [id]: { ...known, ...difference } };
}

export const currentVersion = ({ labels }: World): string | undefined =>
  Object.keys(labels).find((id) => labels[id]?.includes('AWSCURRENT'));

/**
 * The vendor's credential that AWSCURRENT holds; `undefined` for a placeholder or a value put by
 * hand.
 */
export function currentCredential(world: World): Issued | undefined {
  const id = world.values[currentVersion(world) ?? '']?.credential;
  return id === undefined ? undefined : world.credentials[id];
}

export const expired = ({ expiresAt }: Issued, now: number): boolean =>
  expiresAt !== undefined && expiresAt <= now;

/** The vendor and its registry accept it. */
export const alive = (credential: Issued, now: number): boolean =>
  credential.state === 'enabled' && !expired(credential, now);

/** Everything that determines what can happen next. */
export const keyOf = ({ values, story: _, ...world }: World): string =>
  JSON.stringify([Object.keys(values), world]);
