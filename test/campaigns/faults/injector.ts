import type { LookupFunction } from 'node:net';
import type { HttpRequest } from '../../../lib/core/ports.ts';
import { type Engine, rememberedAdmins } from '../../../lib/core/reconcile/index.ts';
import { createHttp } from '../../../lib/http/client.ts';
import { LOOPBACK } from '../../../lib/http/guard.ts';
import { createRegistryCheck } from '../../../lib/registry/check.ts';
import type { Setup } from '../crash-matrix/setup.ts';
import { type AwsKind, type HttpKind, INSIDE } from './kinds.ts';

/**
 * The failing call and its fault. `lasting`: all later calls fail too, until the fault is cleared.
 */
export type Plan =
  | {
      readonly side: 'http';
      readonly call: number;
      readonly kind: HttpKind;
      readonly lasting?: boolean;
    }
  | { readonly side: 'aws'; readonly call: number; readonly kind: AwsKind };

export interface Injector {
  /** Calls to vendor and registry, and to AWS. */
  readonly counts: { http: number; aws: number };
  /** True once the fault was injected. */
  readonly struck: boolean;
  engine(): Engine;
  close(): Promise<void>;
}

/** Milliseconds for a call that gets no answer. */
const HASTE = 40;
/** More attempts than a client makes. */
const ALL_ATTEMPTS = 10;

const operations: Readonly<Record<string, string>> = {
  describe: 'secretsmanager.DescribeSecret',
  read: 'secretsmanager.GetSecretValue',
  put: 'secretsmanager.PutSecretValue',
  label: 'secretsmanager.UpdateSecretVersionStage',
  rotate: 'secretsmanager.RotateSecret',
  publish: 'events.PutEvents',
};

/** No name is looked up in the DNS: one is at a private address, the others are unknown. */
const lookup: LookupFunction = (hostname, _options, done) =>
  hostname === INSIDE
    ? done(null, [{ address: '10.0.0.1', family: 4 }])
    : done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);

/**
 * Engines over a setup whose calls are counted and fail as planned: on the wire, between a real
 * client and real servers.
 */
export function createInjector(setup: Setup, plan?: Plan): Injector {
  const { world, fuse } = setup;
  const { vendor, aws, clock } = world;
  const client = (deadline: number) =>
    createHttp({
      deadline,
      now: clock.now,
      sleep: clock.sleep,
      allow: LOOPBACK,
      lookup,
      random: () => 0.5,
    });
  const patient = client(20_000);
  const hasty = client(HASTE);
  const counts = { http: 0, aws: 0 };
  let struck = false;

  async function send(request: HttpRequest) {
    counts.http += 1;
    const hit =
      plan?.side === 'http' &&
      (counts.http === plan.call || (plan.lasting && counts.http > plan.call));
    if (!hit) return patient.send(request);
    struck = true;
    const { fault, url, attempts = ALL_ATTEMPTS } = plan.kind;
    const faults = [vendor.faults, vendor.registryFaults];
    if (fault) for (const one of faults) one.next(/./, fault, attempts);
    try {
      const asked = url ? { ...request, url: url(request.url) } : request;
      return await (plan.kind.hasty ? hasty : patient).send(asked);
    } finally {
      for (const one of faults) one.clear();
    }
  }

  /** Each method of a port is one call to AWS. */
  function counted<Port extends object>(port: Port): Port {
    const methods = Object.entries(port).map(([name, method]: [string, unknown]) => {
      const operation = operations[name];
      if (!operation || typeof method !== 'function') return [name, method];
      const call = async (...args: unknown[]) => {
        counts.aws += 1;
        const hit =
          plan?.side === 'aws' &&
          counts.aws === plan.call &&
          (plan.kind.of ?? operation) === operation;
        if (hit) {
          struck = true;
          aws.faults.next(operation, plan.kind.fault);
        }
        return method.apply(port, args);
      };
      return [name, call];
    });
    return Object.fromEntries(methods) as Port;
  }

  return {
    counts,
    get struck() {
      return struck;
    },
    engine() {
      const base = setup.engine();
      const http: Engine['http'] = { send: (request) => fuse.guard(() => send(request)) };
      const store = counted(base.store);
      // the setup's engine reads admin secrets through its own store; they must be read through
      // this one
      return {
        ...base,
        http,
        store,
        events: counted(base.events),
        registry: createRegistryCheck({ http, now: base.clock.now }),
        admins: rememberedAdmins(store, base.clock),
      };
    },
    close: async () => void (await Promise.all([patient.close(), hasty.close()])),
  };
}
