import { createHash } from 'node:crypto';
import {
  CreateSecretCommand,
  ReplicateSecretToRegionsCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { FLEET_TAG, type Fleet, type Target } from '../../../lib/core/fleet/index.ts';
import { type Ledger, parseLedger } from '../../../lib/core/ledger/index.ts';
import { parseValue } from '../../../lib/core/ledger/value.ts';
import type { Snapshot } from '../../../lib/core/ports.ts';
import type { Provider } from '../../../lib/core/provider.ts';
import {
  type Engine,
  realmsOf,
  rememberedAdmins,
  rotationStep,
} from '../../../lib/core/reconcile/index.ts';
import { DAY, plus } from '../../../lib/core/time.ts';
import { createHttp } from '../../../lib/http/client.ts';
import { providers } from '../../../lib/providers/index.ts';
import { createRegistryCheck } from '../../../lib/registry/check.ts';
import { createEmbeddedAws, type RotationEvent } from '../../../lib/sandbox/aws/index.ts';
import { warpClock } from '../../../lib/sandbox/clock.ts';
import { uuid } from '../../../lib/sandbox/vendors/ledger.ts';
import { createEngine } from '../../../lib/wiring/engine.ts';
import { directClients } from '../../support/direct-aws.ts';
import { hostsWithoutSockets } from '../../support/direct-http.ts';
import { type Entry, type Place, targetOf } from './entry.ts';
import type { History } from './happenings.ts';
import { BadRelease } from './outages.ts';
import { createRecord } from './record.ts';
import { otherThan, startVendors } from './vendors.ts';

export type { Entry } from './entry.ts';

export const START = new Date('2026-01-15T09:30:00Z');
const LAMBDA = 'arn:aws:lambda:eu-central-1:000000000000:function:native-rotation';
export const options = () => ({ signal: new AbortController().signal, correlationId: 'history' });

export const hashed = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/**
 * An embedded AWS, one simulated vendor account, and a fleet of one or more targets that share it.
 */
export async function createWorld({
  provider: name,
  targets,
  driver,
  replicas,
  moves,
  seed,
}: Omit<History, 'happenings'>) {
  const provider = providers[name];
  if (!provider) throw new Error(`no provider ${name}`);
  const clock = warpClock(START);
  const random = seeded(seed);
  const aws = createEmbeddedAws({ clock, random });
  const record = createRecord(clock);
  const recorded = { handle: record.aws(aws.handle) };
  const { secretsManager, eventBridge } = directClients(recorded, () => uuid(random));
  const hosts = hostsWithoutSockets();
  const names = moves ? [name, otherThan(name)] : [name];
  const vendor = await startVendors(names, { clock, random, serve: hosts.serve });
  const places: Place[] = vendor.all.map(({ provider: of, params }, index) => ({
    provider: of,
    params,
    admin: index === 0 ? 'admin' : `admin-${index}`,
  }));
  const plant = (label: string) => vendor.all[0]?.plant(label).id ?? '';
  const roomy = provider.capabilities.liveAtOnce > 2;
  const foreign = !roomy
    ? []
    : [plant('by-hand'), plant(`rekey-other-0123456789ab-${'0'.repeat(32)}`)];
  const entries: Entry[] = Array.from({ length: targets }, (_, index) => ({
    name: `app-${index}`,
    present: true,
    format: 'fields',
    days: 10,
    windowed: false,
    moved: false,
    former: false,
  }));

  /** The target of the current fleet file. */
  const target = (entry: Entry): Target => targetOf(entry, driver, places);
  const fleet = (): Fleet => ({
    id: 'acme',
    targets: entries.filter(({ present }) => present).map(target),
  });

  for (const [index, { admin }] of vendor.all.entries())
    await secretsManager.send(
      new CreateSecretCommand({ Name: places[index]?.admin, SecretString: admin }),
    );
  for (const entry of entries) {
    const Tags = [{ Key: FLEET_TAG, Value: 'acme' }];
    const SecretId = target(entry).secret;
    await secretsManager.send(new CreateSecretCommand({ Name: SecretId, Tags }));
    const AddReplicaRegions = [{ Region: 'eu-west-1' }];
    if (replicas)
      await secretsManager.send(
        new ReplicateSecretToRegionsCommand({ SecretId, AddReplicaRegions }),
      );
  }

  const connections = record.http(hosts.connections);
  const http = createHttp({ now: clock.now, sleep: clock.sleep, random, connections });
  const base = createEngine({
    secretsManager,
    eventBridge,
    bus: 'default',
    clock,
    endpoints: vendor.endpoints,
  });
  const judge = createRegistryCheck({ http, now: clock.now });
  /** Issued passwords, and digests of those that the registry accepted. */
  const issued = new Set<string>();
  const accepted = new Set<string>();
  /** True if the workers run a release with a bug. */
  const release = { broken: false };
  const watched = (of: Provider): Provider => ({
    ...of,
    async issue(...args) {
      const credential = await of.issue(...args);
      issued.add(credential.password.reveal());
      if (release.broken) throw new BadRelease('a bug in this release');
      return credential;
    },
  });
  /** A new worker without memory. */
  const worker = (): Engine => ({
    ...base,
    http,
    providers: Object.fromEntries(
      Object.entries(providers).map(([of, one]) => [of, names.includes(of) ? watched(one) : one]),
    ),
    admins: rememberedAdmins(base.store, clock),
    registry: {
      async check(question, signal) {
        const verdict = await judge.check(question, signal);
        if (verdict.outcome === 'accepted') accepted.add(hashed(question.password.reveal()));
        return verdict;
      },
    },
  });

  /** The engine that runs the steps of Secrets Manager's own rotation. */
  let steps: () => Engine = worker;
  if (driver === 'secrets-manager') {
    aws.functions.register<RotationEvent>(
      LAMBDA,
      ({ Step, SecretId, ClientRequestToken, RotationToken }) => {
        const entry = entries.find((one) => SecretId.includes(`${target(one).secret}-`));
        if (!entry?.present) throw new Error('no such target');
        const order = { step: Step, version: ClientRequestToken, rotationToken: RotationToken };
        return rotationStep(steps(), target(entry), order, options());
      },
    );
    for (const entry of entries) {
      const SecretId = target(entry).secret;
      const rules = { RotateImmediately: false, RotationRules: { AutomaticallyAfterDays: 30 } };
      await secretsManager.send(
        new RotateSecretCommand({ SecretId, RotationLambdaARN: LAMBDA, ...rules }),
      );
      await aws.idle();
    }
  }

  /** DescribeSecret without the SDK, because the witness calls it often. */
  async function snapshot({ secret }: Pick<Target, 'secret'>): Promise<Snapshot> {
    const headers = {
      'x-amz-target': 'secretsmanager.DescribeSecret',
      'content-type': 'application/x-amz-json-1.1',
    };
    const { status, body } = await aws.look({
      headers,
      body: JSON.stringify({ SecretId: secret }),
      origin: 'http://embedded',
    });
    if (status !== 200) throw new Error(`${secret} does not exist`);
    const { ARN, Name, VersionIdsToStages, ReplicationStatus } = JSON.parse(body) as {
      ARN: string;
      Name: string;
      VersionIdsToStages?: Snapshot['versions'];
      ReplicationStatus?: { Region: string; Status: string }[];
    };
    const followers = ReplicationStatus?.map(({ Region, Status }) => ({
      region: Region,
      inSync: Status === 'InSync',
    }));
    return {
      arn: ARN,
      name: Name,
      versions: VersionIdsToStages ?? {},
      ...(followers && { replicas: followers }),
    };
  }

  return {
    name,
    provider,
    driver,
    aws,
    clock,
    calls: record.lines,
    vendor,
    plant,
    foreign,
    /** Foreign credentials with names like rekey's. */
    lookAlikes: new Set<string>(),
    secretsManager,
    entries,
    target,
    fleet,
    worker,
    issued,
    accepted,
    release,
    stepsBy(make: () => Engine): void {
      steps = make;
    },
    async close(): Promise<void> {
      await http.close();
      await base.http.close?.();
      await Promise.all([vendor.close(), aws.close()]);
    },
    snapshot,
    ledger: async (of: Pick<Target, 'secret'>): Promise<Ledger> => parseLedger(await snapshot(of)),
    /** The login stored in a version. */
    async login({ secret }: Pick<Target, 'secret'>, version: string) {
      const value = await base.store.read(secret, version);
      return value && parseValue(value);
    },
    /** The registry's answer to it, asked without rekey. */
    async accepts(of: Pick<Target, 'secret'>, version: string): Promise<string> {
      const login = await this.login(of, version);
      if (!login) return 'no credential';
      const realms = vendor.all.flatMap(({ provider, params }) =>
        realmsOf(base, { provider, params }),
      );
      return (await judge.check({ ...login, realms }, new AbortController().signal)).outcome;
    },
    /**
     * Credentials at the provider of all targets. rekey does not scan a former provider for
     * orphans.
     */
    findable: () =>
      vendor.all
        .filter(({ provider: of }) => entries.every((entry) => target(entry).provider === of))
        .flatMap((one) => one.credentials()),
    states: () => new Map(vendor.credentials().map(({ id, state }) => [id, state])),
    wait: (ms: number) => clock.jumpTo(plus(clock.now(), ms)),
  };
}

/**
 * Time after the last rotation in which every superseded credential ends, and every unlisted one
 * expires.
 */
export const restOf = ({ grace, soak, interval }: Target): number =>
  interval + 2 * grace + soak + 2 * DAY;
