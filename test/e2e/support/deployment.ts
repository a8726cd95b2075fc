import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { InboundType } from '../../../lib/core/events/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { request } from '../../../lib/core/jobs/requests.ts';
import { type Ledger, parseLedger } from '../../../lib/core/ledger/index.ts';
import type { Provider } from '../../../lib/core/provider.ts';
import { type Outcome, reconcile } from '../../../lib/core/reconcile/index.ts';
import { plus } from '../../../lib/core/time.ts';
import { createEmbeddedAws } from '../../../lib/sandbox/aws/index.ts';
import type { WarpClock } from '../../../lib/sandbox/clock.ts';
import { createEngine } from '../../../lib/wiring/engine.ts';
import { aTarget } from '../../support/snapshot.ts';
import { run, temporaryFolder } from './tools.ts';

const region = 'eu-central-1';

export interface Wanted {
  readonly clock: WarpClock;
  readonly provider: Provider;
  /** Content of the admin secret. */
  readonly admin: string;
  readonly endpoint: { readonly api?: string; readonly registry?: string };
  readonly target: Partial<Target>;
}

export type Deployment = Awaited<ReturnType<typeof deploy>>;

/**
 * rekey as deployed, for one target: the engine, with real SDK clients and HTTP between it and the
 * embedded AWS.
 */
export async function deploy(
  stack: AsyncDisposableStack,
  { clock, provider, admin, endpoint, ...wanted }: Wanted,
) {
  const folder = await temporaryFolder(stack);
  const aws = createEmbeddedAws({ clock, region });
  stack.defer(() => aws.close());
  const { url } = await aws.serve();
  const client = {
    region,
    endpoint: url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const secretsManager = stack.adopt(new SecretsManagerClient(client), (opened) =>
    opened.destroy(),
  );
  const eventBridge = stack.adopt(new EventBridgeClient(client), (opened) => opened.destroy());

  const target = aTarget({
    provider: provider.name,
    admin: `admin/${provider.name}`,
    soak: 0,
    ...wanted.target,
  });
  const Tags = [{ Key: 'rekey:fleet', Value: target.fleet }];
  await secretsManager.send(new CreateSecretCommand({ Name: target.admin, SecretString: admin }));
  await secretsManager.send(new CreateSecretCommand({ Name: target.secret, Tags }));

  const endpoints = { [provider.name]: endpoint };
  const created = createEngine({ secretsManager, eventBridge, bus: 'default', clock, endpoints });
  stack.defer(() => created.http.close?.());
  const engine = { ...created, providers: { [provider.name]: provider } };

  const tick = (): Promise<Outcome> =>
    reconcile(engine, target, {
      signal: new AbortController().signal,
      correlationId: randomUUID(),
    });

  async function read(versionId?: string): Promise<string> {
    const { SecretString = '' } = await secretsManager.send(
      new GetSecretValueCommand({
        SecretId: target.secret,
        ...(versionId && { VersionId: versionId }),
      }),
    );
    return SecretString;
  }

  async function writeAuthFile(content: string): Promise<string> {
    const file = join(folder, `${randomUUID()}.json`);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  }

  async function ledger(): Promise<Ledger> {
    const snapshot = await engine.store.describe(target.secret);
    if (!snapshot) throw new Error(`the secret ${target.secret} does not exist`);
    return parseLedger(snapshot);
  }

  return {
    target,
    /** Runs the worker once. */
    tick,
    ledger,
    /** Passes time, and runs a worker at each moment at which work is due. */
    async live(ms: number): Promise<void> {
      const end = plus(clock.now(), ms);
      for (let round = 0; round < 100; round++) {
        const { decision } = await tick();
        const next = decision.action === 'wait' ? decision.at : clock.now();
        if (!next || next > end) return clock.jumpTo(end);
        clock.jumpTo(next);
      }
      throw new Error(`${target.name} does not settle`);
    },
    request: (type: InboundType) => request(engine.store, clock, type, target),
    async current(): Promise<string> {
      const { current } = await ledger();
      if (!current?.credential) throw new Error(`${target.secret} holds no credential`);
      return current.id;
    },
    events: (type: string) =>
      aws.events.recorded().filter((event) => event['detail-type'] === type),
    /** A version of the secret, in the form that its readers get. */
    read,
    /**
     * An auth file with the login in a version of the secret, as a person or a job would write it.
     */
    async authFile(versionId?: string): Promise<string> {
      const { dockerconfigjson } = JSON.parse(await read(versionId)) as {
        readonly dockerconfigjson: string;
      };
      return writeAuthFile(dockerconfigjson);
    },
    writeAuthFile,
    /**
     * `aws secretsmanager …`, with credentials that are valid nowhere and without the settings of
     * this machine.
     */
    aws: (...args: readonly string[]) =>
      run(
        'aws',
        ['--endpoint-url', url, '--region', region, '--output', 'json', 'secretsmanager', ...args],
        {
          env: {
            HOME: folder,
            AWS_ACCESS_KEY_ID: 'local',
            AWS_SECRET_ACCESS_KEY: 'local',
            AWS_EC2_METADATA_DISABLED: 'true',
            AWS_PAGER: '',
          },
        },
      ),
  };
}
