import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { FLEET_TAG, parseFleet, type Target } from '../../../lib/core/fleet/index.ts';
import { type Ledger, parseLedger } from '../../../lib/core/ledger/index.ts';
import { parseValue } from '../../../lib/core/ledger/value.ts';
import {
  type Engine,
  type Outcome,
  realmsOf,
  reconcile,
} from '../../../lib/core/reconcile/index.ts';
import { DAY, HOUR, plus } from '../../../lib/core/time.ts';
import { providers } from '../../../lib/providers/index.ts';
import { createEmbeddedAws } from '../../../lib/sandbox/aws/index.ts';
import { warpClock } from '../../../lib/sandbox/clock.ts';
import { vendors } from '../../../lib/sandbox/vendors/index.ts';
import { createEngine } from '../../../lib/wiring/engine.ts';
import { directClients } from '../../support/direct-aws.ts';
import { withoutWire } from '../../support/direct-http.ts';

export const START = new Date('2026-01-15T09:30:00Z');

/** Runs a worker once over the target. */
export const work = (
  engine: Engine,
  target: Target,
  signal = new AbortController().signal,
): Promise<Outcome> => reconcile(engine, target, { signal, correlationId: 'crash-matrix' });

/**
 * An embedded AWS, one simulated vendor with its registry, and one target of a fleet file between
 * them. It knows a provider only by name and capabilities.
 */
export async function createWorld(name: string, driver: Target['driver'] = 'rekey') {
  const clock = warpClock(START);
  const aws = createEmbeddedAws({ clock });
  const vendor = vendors[name]?.({ clock });
  const provider = providers[name];
  if (!vendor || !provider) throw new Error(`no provider ${name} with a simulated vendor`);
  const { endpoint, registry, close } = await vendor.start();
  const endpoints = { [name]: { api: endpoint, registry } };
  const target = targetOf(name, vendor.params, driver);
  const { secretsManager, eventBridge } = directClients(aws);
  await secretsManager.send(
    new CreateSecretCommand({ Name: target.admin, SecretString: vendor.admin }),
  );
  const Tags = [{ Key: FLEET_TAG, Value: target.fleet }];
  await secretsManager.send(new CreateSecretCommand({ Name: target.secret, Tags }));

  /** An engine of its own, like that of a new process. */
  const engine = (): Engine =>
    withoutWire(
      createEngine({ secretsManager, eventBridge, bus: 'default', clock, endpoints }),
      clock,
    );
  const outside = engine();
  let known: { readonly after: string; readonly ledger: Ledger } | undefined;

  return {
    aws,
    clock,
    vendor,
    provider,
    target,
    endpoints,
    secretsManager,
    engine,
    async close(): Promise<void> {
      await Promise.all([close(), aws.close()]);
    },
    /** The current labels, read again after each write. */
    async ledger(): Promise<Ledger> {
      const writes = changing.map((name) => aws.calls.count(`secretsmanager.${name}`));
      if (known?.after === writes.join()) return known.ledger;
      const snapshot = await outside.store.describe(target.secret);
      if (!snapshot) throw new Error('the secret is gone');
      known = { after: writes.join(), ledger: parseLedger(snapshot) };
      return known.ledger;
    },
    /** The registry's answer to a stored version. */
    async accepts(version: string): Promise<string> {
      const value = await outside.store.read(target.secret, version);
      const login = value && parseValue(value);
      if (!login) return 'no credential';
      const { access, manifest } = target.verify;
      const realms = realmsOf(outside, target);
      const question = { ...login, realms, access, manifest };
      return (await outside.registry.check(question, new AbortController().signal)).outcome;
    },
    /** The password in a stored version, if any. */
    async password(version: string): Promise<string | undefined> {
      const value = await outside.store.read(target.secret, version);
      return value && parseValue(value)?.password.reveal();
    },
    states: () => new Map(vendor.credentials().map(({ id, state }) => [id, state])),
    /**
     * Passes time and runs a worker each time work is due, until nothing is due before `until`.
     * `settle` follows each run.
     */
    async live(
      until: Date,
      worker: () => Engine = engine,
      of = target,
      settle = async () => {},
    ): Promise<void> {
      for (let round = 0; round < 200; round++) {
        const { decision } = await work(worker(), of);
        await settle();
        const next = decision.action === 'wait' ? decision.at : clock.now();
        if (!next || next > until) return clock.jumpTo(until);
        clock.jumpTo(next);
      }
      throw new Error('the target does not settle');
    },
    wait: (ms: number) => clock.jumpTo(plus(clock.now(), ms)),
  };
}

/** The calls that change labels. */
const changing = ['PutSecretValue', 'UpdateSecretVersionStage', 'RotateSecret'];

export type World = Awaited<ReturnType<typeof createWorld>>;

/**
 * Secrets Manager rotates at most every four hours, so it cannot drive credentials that live for an
 * hour.
 */
export function mayBeDriven(name: string, by: Target['driver']): boolean {
  const { params } = vendors[name]?.({ clock: warpClock(START) }) ?? {};
  const lifetime = providers[name]?.lifetime?.(params);
  return by === 'rekey' || lifetime === undefined || lifetime * 0.7 >= 4 * HOUR;
}

/**
 * The fleet file's settings for a provider: a month and a day if its lifetime allows them,
 * otherwise the longest it allows.
 */
function targetOf(name: string, params: unknown, driver: Target['driver']): Target {
  const lifetime = providers[name]?.lifetime?.(params);
  const minutes = (ms: number) => `${Math.floor(ms / 60_000)}m`;
  const interval = (ms: number) => (driver === 'rekey' ? minutes(ms) : `${Math.floor(ms / HOUR)}h`);
  const timing = lifetime
    ? { interval: interval(lifetime * 0.7), grace: minutes(lifetime * 0.1) }
    : { interval: '30d', grace: '1d' };
  const entry = { name: 'app', provider: name, admin: `admin/${name}`, params, driver, ...timing };
  const { fleet, issues } = parseFleet({ fleet: 'acme', targets: [entry] }, providers);
  const [target] = fleet?.targets ?? [];
  if (!target) throw new Error(`no target of ${name}: ${JSON.stringify(issues)}`);
  return target;
}

/** Time after the last rotation in which every superseded credential ends. */
export const restOf = ({ target, provider }: Pick<World, 'target' | 'provider'>): number => {
  const { grace, soak, interval } = target;
  return target.revocable
    ? 2 * grace + soak + DAY
    : 1.25 * (provider.lifetime?.(target.params) ?? 2 * interval);
};
