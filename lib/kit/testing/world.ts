import { onTestFinished } from 'vitest';
import type { Verdict } from '../../core/ports.ts';
import { addressOf, type Credential, type Order, type ProviderCall } from '../../core/provider.ts';
import { DAY, plus } from '../../core/time.ts';
import { createHttp, type HttpOptions } from '../../http/client.ts';
import { LOOPBACK } from '../../http/guard.ts';
import { createRegistryCheck } from '../../registry/check.ts';
import type { SimulatedVendor } from '../../sandbox/vendors/vendor.ts';
import { type ManualClock, manualClock } from './clock.ts';
import { labelled } from './label.ts';
import type { Subject } from './subject.ts';

/** A vendor that was started for one test, and a call to it. */
export interface World<
  Vendor extends SimulatedVendor = SimulatedVendor,
  Params = unknown,
  Admin = unknown,
> {
  /** The simulated vendor, started. */
  readonly vendor: Vendor;
  /** The time of the vendor and of the calls. It stands still until the test moves it. */
  readonly clock: ManualClock;
  /**
   * The input of a call to the provider. `params` changes those of the vendor, `admin` replaces
   * its admin secret; both are parsed with the provider's schemas.
   */
  call(change?: {
    params?: Record<string, unknown>;
    admin?: unknown;
    signal?: AbortSignal;
    http?: HttpOptions;
  }): ProviderCall<Params, Admin>;
  /** An order as the engine makes it: with an expiry if the provider cannot list. */
  order(label?: string): Order;
  /** Issues a credential. @default under a new label */
  issue(label?: string): Promise<Credential>;
  /** The outcome of a check of a credential at the registry. */
  verdict(credential: Credential): Promise<Verdict['outcome']>;
  /** Ids of all live credentials at the vendor. */
  alive(): string[];
  /** How many requests matched, as "METHOD /path", at the API and at the registry. */
  count(pattern: RegExp): number;
}

/** Lifetime of a credential that is given an expiry, in milliseconds. */
export const LIFETIME = 30 * DAY;

/**
 * Starts the simulated vendor on loopback for one test, and stops it when the test is over. Call it
 * in a test.
 */
export async function openWorld<Vendor extends SimulatedVendor, Params, Admin>({
  provider,
  vendor: create,
}: Subject<Vendor, Params, Admin>): Promise<World<Vendor, Params, Admin>> {
  const clock = manualClock();
  const vendor = create({ clock });
  const started = await vendor.start();
  const https: { close(): Promise<void> }[] = [];
  onTestFinished(async () => {
    await started.close();
    await Promise.all(https.map((http) => http.close()));
  });
  const connect = (options?: HttpOptions) => {
    const http = createHttp({ allow: LOOPBACK, sleep: async () => {}, ...options });
    https.push(http);
    return http;
  };
  const call: World<Vendor, Params, Admin>['call'] = ({ params, admin, signal, http } = {}) => ({
    params: provider.params.parse({ ...vendor.params, ...params }),
    admin: provider.admin.parse(admin ?? JSON.parse(vendor.admin)),
    endpoint: started.endpoint,
    registry: started.registry,
    http: connect(http),
    now: clock.now,
    signal: signal ?? new AbortController().signal,
  });
  const order = (label = labelled()): Order => ({
    label,
    ...(!provider.find && { expiresAt: plus(clock.now(), LIFETIME) }),
  });
  return {
    vendor,
    clock,
    call,
    order,
    issue: (label) => provider.issue(call(), order(label)),
    async verdict({ registry, username, password, bearer }) {
      const { realms } = addressOf(provider, vendor.params, { api: started.endpoint });
      const question = { registry, username, password, bearer, realms };
      const check = createRegistryCheck({ http: connect(), now: clock.now });
      return (await check.check(question, new AbortController().signal)).outcome;
    },
    alive: () => vendor.credentials().flatMap(({ id, state }) => (state === 'enabled' ? [id] : [])),
    count: (pattern) => vendor.requests.filter((line) => pattern.test(line)).length,
  };
}
