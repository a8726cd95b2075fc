import { HOUR } from '../../lib/core/time.ts';
import { providers } from '../../lib/providers/index.ts';

import { warpClock } from '../../lib/sandbox/clock.ts';
import { type SimulatedVendor, vendors } from '../../lib/sandbox/vendors/index.ts';
import { drawn, seed, whole } from './sample.ts';
import { T0 } from './snapshot.ts';

/** What a provider can do. Suites choose by these, never by name. */
export interface Traits {
  /** It finds what it issued by its label. */
  readonly lists: boolean;
  readonly revokes: boolean;
  /** A credential is disabled for a soak before it is deleted. */
  readonly disables: boolean;
  /** Who ends a credential that is not revoked: the time given at issue, the vendor, or nothing. */
  readonly expiry: 'chosen' | 'fixed' | 'none';
  /** A credential lives for a few hours at most. */
  readonly brief: boolean;
  /** An account has room for two credentials. */
  readonly cramped: boolean;
  /** Its secret can be read again, so that what a crash left is taken over. */
  readonly readsAgain: boolean;
  /** Its credentials are bearer tokens. */
  readonly bearer: boolean;
}

function vendorOf(name: string): SimulatedVendor {
  const create = vendors[name];
  if (!create) throw new Error(`no simulated vendor ${name}`);
  return create({ clock: warpClock(T0) });
}

/** The one place in the suites that reads what a provider says of itself. */
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

/** The names of the providers that are so. A new provider is among them by its capabilities. */
export function providersThat(wanted: Partial<Traits> = {}): readonly string[] {
  const met = Object.entries(wanted);
  return [...all]
    .filter(([, traits]) => met.every(([trait, value]) => traits[trait as keyof Traits] === value))
    .map(([name]) => name);
}

/** One of the providers that are so, drawn by seed. */
export function oneThat(wanted: Partial<Traits>): string {
  const score = (name: string) => drawn(`${seed}/${name}`);
  const [first] = [...providersThat(wanted)].sort((a, b) => score(a) - score(b));
  if (!first) throw new Error(`no provider is ${JSON.stringify(wanted)}`);
  return first;
}

/** One of the providers that are so for each of their kinds, which differ in these traits; or all. */
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

/** What most providers are: credentials can be found and revoked, as many as one likes. */
const usual = { lists: true, revokes: true, cramped: false, readsAgain: false } as const;

/** A provider of each kind that the engine treats in a way of its own. */
export const some = {
  /** A superseded credential is deleted when its grace is over. */
  deleting: oneThat({ ...usual, disables: false }),
  /** A superseded credential is disabled when its grace is over, and deleted after a soak. */
  disabling: oneThat({ ...usual, disables: true }),
  /** Cannot be listed; revoked by its own secret, and otherwise by its expiry. */
  unlisted: oneThat({ lists: false, revokes: true }),
  /** Lives for as long as the vendor lets it, and cannot be revoked. */
  expiring: oneThat({ revokes: false, brief: false }),
  /** Lives for so short a time that half an hour is an interval. */
  brief: oneThat({ revokes: false, brief: true }),
  cramped: oneThat({ cramped: true }),
  readable: oneThat({ readsAgain: true }),
};

/** The usual ones: one that deletes at once and one that disables first, or all of them. */
export const usualOnes = oneOfEach(['disables'], usual);
/** Those that disable: one that can be given an expiry and one that cannot, or all of them. */
export const disablingOnes = oneOfEach(['expiry'], { ...usual, disables: true });
