import type { Hono } from 'hono';
import type { Clock } from '../../core/ports.ts';
import { createFaults, type Faults } from '../faults.ts';
import { createRegistry, type LoginCheck, type RegistryOptions } from '../registry/index.ts';
import { createLedger, type Ledger } from './ledger.ts';
import {
  type Behaviour,
  type Env,
  host,
  keeping,
  plainBehaviour,
  type SimulatedVendor,
  type Stateful,
  type VendorOptions,
} from './vendor.ts';

/** The common parts of a simulated vendor. Its API and its registry are built on them. */
export interface Parts<Scope, Switches extends Behaviour> {
  /** The time of the vendor. */
  readonly clock: Clock;
  /** Source of ids and passwords, if the test gave one. */
  readonly random: (() => number) | undefined;
  /** The switches. */
  readonly behaviour: Switches;
  /** The credentials. */
  readonly ledger: Ledger<Scope>;
  /** Faults of the API. */
  readonly faults: Faults;
  /** Host of the registry and base URL of the API. Empty until the vendor is started. */
  readonly at: { registry: string; api: string };
  /** Creates a registry that follows the vendor's clock and mood. */
  registry(options: Omit<RegistryOptions, 'clock' | 'mood'>): ReturnType<typeof createRegistry>;
}

/** Creates the parts of one vendor. `switches` are the vendor's own, with their defaults. */
export function createParts<Scope, Switches extends Behaviour>(
  { clock, random }: VendorOptions,
  switches: Omit<Switches, keyof Behaviour>,
): Parts<Scope, Switches> {
  const behaviour = { ...plainBehaviour(), ...switches } as Switches;
  return {
    clock,
    random,
    behaviour,
    ledger: createLedger<Scope>({ clock, delays: behaviour.delays }),
    faults: createFaults(),
    at: { registry: '', api: '' },
    registry: (options) => createRegistry({ ...options, clock, mood: () => behaviour.registry }),
  };
}

/** Logins with the ledger's credentials. `allows` decides from a credential's scopes. */
export const logins =
  <Scope>(
    ledger: Ledger<Scope>,
    allows: (scopes: readonly Scope[], repository: string, action: string) => boolean,
  ): LoginCheck =>
  (username, password) => {
    const entry = ledger.login(username, password);
    return (
      entry && {
        account: username,
        allows: (repository, action) => allows(entry.scopes, repository, action),
      }
    );
  };

/** The members of a vendor that its author writes. */
type Given = 'provider' | 'admin' | 'params' | 'repository' | 'plant';

/** Assembles a vendor: API and registry on loopback, with state as JSON. */
export function createVendor<Switches extends Behaviour, Plant extends SimulatedVendor['plant']>(
  { clock, behaviour, ledger, faults, at }: Parts<unknown, Switches>,
  {
    api,
    basePath = '',
    registry,
    kept = { credentials: ledger },
    ...given
  }: Pick<SimulatedVendor, Given> & {
    readonly plant: Plant;
    readonly api: Hono<Env>;
    readonly basePath?: string;
    readonly registry: { readonly app: Hono<Env>; readonly faults: Faults };
    /** State to keep in addition to the switches. @default the ledger */
    readonly kept?: Readonly<Record<string, Stateful>>;
  },
): SimulatedVendor<Switches> & { readonly plant: Plant } {
  const requests: string[] = [];
  return {
    ...given,
    faults,
    registryFaults: registry.faults,
    requests,
    credentials: ledger.credentials,
    behaviour,
    ...keeping(kept, behaviour),
    async start(options = {}) {
      const hosted = (name: string) => {
        at.registry = name;
      };
      const started = await host(
        { api, registry: registry.app, clock, requests, behaviour },
        { ...options, basePath, hosted },
      );
      at.api = started.endpoint;
      return started;
    },
  };
}
