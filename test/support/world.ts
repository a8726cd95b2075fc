import { CreateSecretCommand, ListSecretVersionIdsCommand } from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import type { RekeyEvent } from '../../lib/core/events/index.ts';
import type { Target } from '../../lib/core/fleet/index.ts';
import { parseLedger, superseded, type Version } from '../../lib/core/ledger/index.ts';
import { parseValue } from '../../lib/core/ledger/value.ts';
import { type Engine, type Outcome, realmsOf, reconcile } from '../../lib/core/reconcile/index.ts';
import { plus } from '../../lib/core/time.ts';
import { providers } from '../../lib/providers/index.ts';
import { createEmbeddedAws } from '../../lib/sandbox/aws/index.ts';
import { warpClock } from '../../lib/sandbox/clock.ts';
import { vendors } from '../../lib/sandbox/vendors/index.ts';
import { createEngine } from '../../lib/wiring/engine.ts';
import { directClients } from './direct-aws.ts';
import { withoutWire } from './direct-http.ts';
import { crashing, type Spot, stalling } from './effects.ts';
import { awsClients } from './embedded-aws.ts';
import { can } from './providers.ts';
import { aTarget, DAY, T0 } from './snapshot.ts';

export type World = Awaited<ReturnType<typeof createWorld>>;

/** The parts of a target that depend on its provider, as the fleet file would set them. */
function suited(name: string, params: unknown): Partial<Target> {
  const provider = providers[name];
  if (!provider) throw new Error(`no provider ${name}`);
  const { revokes, disables } = can(name);
  const lifetime = provider.lifetime?.(params);
  return {
    revocable: revokes,
    liveAtOnce: provider.capabilities.liveAtOnce,
    soak: disables ? DAY : 0,
    ...(lifetime !== undefined && { interval: lifetime * 0.7, grace: lifetime * 0.1 }),
  };
}

/**
 * An embedded AWS, one simulated vendor, and an engine between them: all that a rotation touches.
 * Tests look at the world (what lives at the vendor, what the store holds, what was announced), not
 * at calls. `wire` adds the SDK and HTTP, for tests that depend on them; it takes three times as
 * long.
 */
export async function createWorld(
  provider: string,
  change: Partial<Target> = {},
  connections: 'direct' | 'wire' = 'direct',
) {
  const clock = warpClock(T0);
  const aws = await createEmbeddedAws({ clock });
  const create = vendors[provider];
  if (!create) throw new Error(`no simulated vendor ${provider}`);
  const vendor = create({ clock });
  const { endpoint, registry, close } = await vendor.start();
  const target = aTarget({
    ...suited(provider, vendor.params),
    provider,
    params: vendor.params,
    ...change,
  });
  const { secretsManager, eventBridge } =
    connections === 'wire' ? awsClients(aws) : directClients(aws);
  await secretsManager.send(
    new CreateSecretCommand({ Name: target.admin, SecretString: vendor.admin }),
  );
  const Tags = [{ Key: 'rekey:fleet', Value: target.fleet }];
  await secretsManager.send(
    new CreateSecretCommand({ Name: target.secret, SecretString: '{}', Tags }),
  );

  const published: RekeyEvent[] = [];
  /** A new engine, as a fresh worker has it. */
  const worker = (): Engine => {
    const endpoints = { [provider]: { api: endpoint, registry } };
    const wired = createEngine({ secretsManager, eventBridge, bus: 'default', clock, endpoints });
    const engine = connections === 'wire' ? wired : withoutWire(wired, clock);
    const events = {
      publish: async (batch: readonly RekeyEvent[]) => {
        await engine.events.publish(batch);
        published.push(...batch);
      },
    };
    return { ...engine, events };
  };
  const run = (engine = worker(), of = target): Promise<Outcome> =>
    reconcile(engine, of, { signal: new AbortController().signal, correlationId: 'test' });
  const ledger = async () => {
    const snapshot = await worker().store.describe(target.secret);
    if (!snapshot) throw new Error('the secret is gone');
    return parseLedger(snapshot);
  };

  const inGrace = ({ disabledAt, compromisedAt, revokeAfter }: Version) =>
    !disabledAt && !compromisedAt && revokeAfter !== undefined && revokeAfter > clock.now();

  return {
    aws,
    clock,
    vendor,
    target,
    secretsManager,
    published,
    worker,
    run,
    ledger,
    close,
    /** Passes `ms` of time, and runs a worker at each moment at which something is due. */
    async live(ms: number, of = target): Promise<void> {
      const end = plus(clock.now(), ms);
      for (let round = 0; round < 200; round++) {
        const { decision } = await run(worker(), of);
        const next = decision.action === 'wait' ? decision.at : clock.now();
        if (!next || next > end) break;
        clock.jumpTo(next);
      }
      clock.jumpTo(end);
    },
    /** Runs a worker that dies at its n-th effect. Resolves to true if it got that far. */
    async crash(effect: number | Spot, moment: 'before' | 'after', of = target): Promise<boolean> {
      const { engine, died } = crashing(worker(), effect, moment);
      await run(engine, of).catch(() => {});
      return died();
    },
    /**
     * Runs a worker that stalls before its n-th effect, does `meanwhile`, and lets the worker
     * continue. Resolves to true if it got that far.
     */
    async stall(effect: number | Spot, meanwhile: () => Promise<unknown>): Promise<boolean> {
      const { engine, stalled, release, through } = stalling(worker(), effect);
      const running = run(engine)
        .catch(() => {})
        .finally(through);
      const reached = await stalled;
      if (reached) await meanwhile();
      release();
      await running;
      return reached;
    },
    alive: () =>
      vendor.credentials().filter(({ state }) => state === 'enabled' || state === 'disabled'),
    enabled: () => vendor.credentials().filter(({ state }) => state === 'enabled'),
    events: (type: string) => published.filter(({ detailType }) => detailType === type),
    /** The outcome of a check of a stored version at the registry. */
    async accepts(version: string): Promise<string> {
      const engine = worker();
      const value = await engine.store.read(target.secret, version);
      const login = value && parseValue(value);
      if (!login) return 'no credential';
      const { outcome } = await engine.registry.check(
        { ...login, realms: realmsOf(engine, target) },
        new AbortController().signal,
      );
      return outcome;
    },
    /** Expects the invariants of the design, on a world at rest. */
    async holds(): Promise<void> {
      await this.holdsAtAnyTime();
      const { versions } = await ledger();
      const known = versions.flatMap(({ credential }) => (credential ? [credential.id] : []));
      const unknown = this.alive().filter(({ id }) => !known.includes(id));
      expect(
        unknown.map(({ id }) => id),
        'no live credential is unknown',
      ).toEqual([]);
    },
    /** Expects the invariants of every moment, even after a crash or during a race. */
    async holdsAtAnyTime(): Promise<void> {
      const { current, versions } = await ledger();
      if (current?.credential)
        expect(await this.accepts(current.id), 'AWSCURRENT is accepted').toBe('accepted');
      for (const version of versions.filter(superseded)) {
        expect(version.revokeAfter, 'a superseded version has a time of revocation').toBeDefined();
        if (inGrace(version))
          expect(await this.accepts(version.id), 'nothing is revoked before its grace').toBe(
            'accepted',
          );
      }
    },
    /**
     * Expects the same of the credentials at the vendor. It does not depend on the registry, and
     * holds while a person edits by hand.
     */
    async stands(): Promise<void> {
      const { current, versions } = await ledger();
      const state = (id: string) =>
        vendor.credentials().find((credential) => credential.id === id)?.state;
      const living = [
        ...versions.filter(superseded).filter(inGrace),
        ...(current ? [current] : []),
      ];
      for (const { id, credential } of living) {
        if (!credential || (credential.expiresAt && credential.expiresAt <= clock.now())) continue;
        expect(state(credential.id), `version ${id} is current, or in its grace`).toBe('enabled');
      }
    },
    /** All version ids Secrets Manager still has, labeled or not. */
    async versionIds(): Promise<string[]> {
      const { Versions } = await secretsManager.send(
        new ListSecretVersionIdsCommand({ SecretId: target.secret, IncludeDeprecated: true }),
      );
      return (Versions ?? []).flatMap(({ VersionId }) => (VersionId ? [VersionId] : []));
    },
  };
}
