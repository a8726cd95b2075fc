import { HOUR } from '../../lib/core/time.ts';
import { providers } from '../../lib/providers/index.ts';

import { warpClock } from '../../lib/sandbox/clock.ts';
import { type SimulatedVendor, vendors } from '../../lib/sandbox/vendors/index.ts';
import { drawn, seed, whole } from './sample.ts';
import { T0 } from './snapshot.ts';

/** The traits of a provider. Suites choose providers by traits, never by name. */
export interface Traits {
  /** It finds the credentials that it issued by their label. */
  readonly lists: boolean;
  readonly revokes: boolean;
  /** A credential is disabled for a soak before it is deleted. */
  readonly disables: boolean;
  /**
   * The end of a credential that is not revoked: the time given at issue, the vendor's choice, or
   * none.
   */
  readonly expiry: 'chosen' | 'fixed' | 'none';
  /** A credential lives for a few hours at most. */
  readonly brief: boolean;
  /** An account has room for two credentials. */
  readonly cramped: boolean;
  /** Its secret can be read again, so a worker adopts a credential that a crash left. */
  readonly readsAgain: boolean;
  /** Its credentials are bearer tokens. */
  readonly bearer: boolean;
}

function vendorOf(name: string): SimulatedVendor {
  const create = vendors[name];
  if (!create) throw new Error(`no simulated vendor ${name}`);
  return create({ clock: warpClock(T0) });
}

/** The traits of one provider. Only this function of the suites reads capabilities. */
export function can(name: string): Traits {
  const provider = providers[name];
  if (!provider) throw new Error(`no provider ${name}`);
  const { expiry, liveAtOnce, readAgain, bearer } = provider.capabilities;
  const lifetime = provider.lifetime?.(vendorOf(name).params);
  return {
    lists: provider.find !== undefined,
    revokes: provider.revoke !== undefined,
    disables: provider.enable !== undefined,
    expiry: lifetime !== undefined ? 'fixed' : expiry ? 'chosen' : 'none',
    brief: lifetime !== undefined && lifetime < 4 * HOUR,
    cramped: liveAtOnce <= 2,
    readsAgain: readAgain,
    bearer,
  };
}

/** Parameters that are valid at its simulated vendor. */
export const paramsOf = (name: string) => vendorOf(name).params;

/** A private repository at its simulated vendor. */
export const repositoryOf = (name: string): string => vendorOf(name).repository ?? 'team/app';

const all: ReadonlyMap<string, Traits> = new Map(
  Object.keys(providers).map((name) => [name, can(name)]),
);

/**
 * The names of the providers with these traits. A new provider is included because of its
 * capabilities.
 */
export function providersThat(wanted: Partial<Traits> = {}): readonly string[] {
  const met = Object.entries(wanted);
  return [...all]
    .filter(([, traits]) => met.every(([trait, value]) => traits[trait as keyof Traits] === value))
    .map(([name]) => name);
}

/** One provider with these traits, chosen by seed. */
export function oneThat(wanted: Partial<Traits>): string {
  const score = (name: string) => drawn(`${seed}/${name}`);
  const [first] = [...providersThat(wanted)].sort((a, b) => score(a) - score(b));
  if (!first) throw new Error(`no provider is ${JSON.stringify(wanted)}`);
  return first;
}

/** One provider with these traits for each combination of the given ones; or all providers. */
export function oneOfEach(
  differing: readonly (keyof Traits)[],
  wanted: Partial<Traits>,
): readonly string[] {
  const found = providersThat(wanted);
  if (whole) return found;
  const kind = (name: string) => {
    const traits = can(name);
    return Object.fromEntries(differing.map((trait) => [trait, traits[trait]]));
  };
  const kinds = new Map(found.map((name) => [JSON.stringify(kind(name)), kind(name)]));
  return [...kinds.values()].map((one) => oneThat({ ...wanted, ...one }));
}

/**
 * The traits of most providers: credentials can be found and revoked, and their number is
 * unlimited.
 */
const usual = { lists: true, revokes: true, cramped: false, readsAgain: false } as const;

/** A provider of each kind that the engine treats differently. */
export const some = {
  /** A superseded credential is deleted when its grace is over. */
  deleting: oneThat({ ...usual, disables: false }),
  /** A superseded credential is disabled when its grace is over, and deleted after a soak. */
  disabling: oneThat({ ...usual, disables: true }),
  /** Cannot be listed; revoked by its own secret, and otherwise by its expiry. */
  unlisted: oneThat({ lists: false, revokes: true }),
  /** Lives as long as the vendor decides, and cannot be revoked. */
  expiring: oneThat({ revokes: false, brief: false }),
  /** Lives so briefly that its interval is half an hour. */
  brief: oneThat({ revokes: false, brief: true }),
  cramped: oneThat({ cramped: true }),
  readable: oneThat({ readsAgain: true }),
};

/** Usual providers: one that deletes at once and one that disables first, or all of them. */
export const usualOnes = oneOfEach(['disables'], usual);
/** Providers that disable: one with a chosen expiry and one without, or all of them. */
export const disablingOnes = oneOfEach(['expiry'], { ...usual, disables: true });
