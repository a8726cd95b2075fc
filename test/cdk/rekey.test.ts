import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Rekey } from '../../lib/cdk/rekey.ts';
import { realClock } from '../../lib/engine.ts';
import { parseFleetText } from '../../lib/fleet-file.ts';
import { drain, setStage } from '../../lib/local/demo/stage.ts';
import { startSandbox } from '../../lib/local/sandbox.ts';
import { providers } from '../../lib/providers/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A synthesised deployment of the example fleet; without bundles the code is not built. */
function synthesised(name: string, { bundles, fleetFile = 'examples/fleet.yaml' }: { bundles: boolean; fleetFile?: string }) {
  const app = new App({ outdir: join(folder, name), context: bundles ? {} : { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'Stack');
  const rekey = new Rekey(stack, 'Rekey', { fleetFile });
  return { rekey, template: Template.fromStack(stack) };
}

let template: Template;
beforeAll(() => {
  ({ template } = synthesised('plain', { bundles: false }));
});

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}
const statementsOf = (role: string): Statement[] =>
  Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.includes(role))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
const actions = (role: string) => [...new Set(statementsOf(role).flatMap(({ Action }) => Action))].sort();

describe('the stack', () => {
  test('has a secret for each target, with the fleet’s tag, empty, and kept when the stack goes', () => {
    template.resourceCountIs('AWS::SecretsManager::Secret', 9);
    template.allResourcesProperties('AWS::SecretsManager::Secret', {
      Tags: [{ Key: 'rekey:fleet', Value: 'demo' }],
      SecretString: Match.absent(),
      GenerateSecretString: Match.absent(),
    });
    template.allResources('AWS::SecretsManager::Secret', { DeletionPolicy: 'Retain' });
  });

  test('looks at the fleet every five minutes', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(5 minutes)' });
  });

  test('works off a FIFO queue, one target at a time, and gives up into a dead-letter queue', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      FifoQueue: true,
      RedrivePolicy: Match.objectLike({ maxReceiveCount: 5 }),
      FifoThroughputLimit: 'perMessageGroupId',
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { FunctionResponseTypes: ['ReportBatchItemFailures'] });
  });

  test('lets nobody delete a secret, and gives each function what it needs', () => {
    expect(JSON.stringify(template.toJSON())).not.toMatch(/secretsmanager:(\*|Delete)/);
    expect(actions('sweepRole')).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'secretsmanager:DescribeSecret',
      'secretsmanager:ListSecrets',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:SendMessage',
    ]);
    expect(actions('requestRole').filter((action) => action.startsWith('secretsmanager'))).toEqual([
      'secretsmanager:DescribeSecret',
      'secretsmanager:UpdateSecretVersionStage',
    ]);
    expect(actions('reconcileRole').filter((action) => action.startsWith('secretsmanager'))).toEqual([
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetSecretValue',
      'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
    ]);
  });

  test('the worker reads the values of its targets and of the admin secrets that the fleet names, and of no others', () => {
    const read = statementsOf('reconcileRole').filter(({ Action }) => [Action].flat().includes('secretsmanager:GetSecretValue'));
    const resources = read.flatMap(({ Resource }) => [Resource].flat()).map((resource) => JSON.stringify(resource));
    expect(resources.filter((resource) => resource.includes('"Ref"') && resource.includes('Secret'))).toHaveLength(9);
    const admins = resources.filter((resource) => resource.includes('rekey/admin/'));
    expect(admins.every((resource) => resource.includes('-??????'))).toBe(true);
    expect(resources).toHaveLength(9 + admins.length);
  });

  test('a second synth gives the same template', () => {
    expect(synthesised('again', { bundles: false }).template.toJSON()).toEqual(template.toJSON());
  });

  test('fails with the messages of validate when the fleet file is wrong', () => {
    const fleetFile = join(folder, 'bad.yaml');
    writeFileSync(fleetFile, 'fleet: acme\ntargets: []\n');
    expect(() => synthesised('bad', { bundles: false, fleetFile })).toThrow(
      /bad\.yaml:2:10 targets: \[\]; expected at least one target/,
    );
  });
});

test('the bundles themselves run: a sweep and a worker, each in a process of its own, issue the first credentials', async () => {
  synthesised('bundled', { bundles: true });
  const assets = readdirSync(join(folder, 'bundled'))
    .map((name) => join(folder, 'bundled', name))
    .filter((asset) => existsSync(join(asset, 'index.mjs')));
  const bundle = (pattern: RegExp) => {
    const found = assets.find((asset) => pattern.test(readFileSync(join(asset, 'index.mjs'), 'utf8')));
    if (!found) throw new Error(`no bundle has ${pattern}`);
    return found;
  };
  const fleet = parseFleetText(readFileSync('examples/fleet.yaml', 'utf8'), providers);
  const sandbox = await startSandbox({ clock: realClock });
  const client = { endpoint: sandbox.url, region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const clients = {
    secretsManager: new SecretsManagerClient(client),
    eventBridge: new EventBridgeClient(client),
    sqs: new SQSClient(client),
  };
  try {
    const stage = await setStage(clients, fleet, 'rekey-demo', sandbox.vendors);
    const invoke = async (asset: string, event: unknown): Promise<unknown> => {
      const script = `const { handler } = await import(${JSON.stringify(`file://${asset}/index.mjs`)});
        const answer = await handler(${JSON.stringify(event)}, { awsRequestId: 'r1', getRemainingTimeInMillis: () => 60000 });
        process.stderr.write(JSON.stringify(answer ?? null)); process.exit(0);`;
      const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
        env: {
          AWS_ENDPOINT_URL: sandbox.url,
          AWS_REGION: 'eu-central-1',
          AWS_ACCESS_KEY_ID: 'a',
          AWS_SECRET_ACCESS_KEY: 'b',
          REKEY_FLEET: join(asset, 'fleet.json'),
          REKEY_BUS: 'rekey-demo',
          REKEY_QUEUE_URL: stage.work,
          REKEY_ENDPOINTS: JSON.stringify(sandbox.endpoints),
        },
      });
      return JSON.parse(stderr) as unknown;
    };
    await invoke(bundle(/swept:/), {});
    const bodies: string[] = [];
    await drain(clients.sqs, stage.work, async (body) => void bodies.push(body));
    expect(bodies).toHaveLength(9);
    const Records = bodies.map((body, index) => ({
      messageId: `m${index}`,
      body,
      attributes: { MessageGroupId: JSON.parse(body).target as string },
    }));
    expect(await invoke(bundle(/batchItemFailures/), { Records })).toEqual({ batchItemFailures: [] });
    expect(sandbox.vendors.filter((vendor) => vendor.credentials().some(({ state }) => state === 'enabled'))).toHaveLength(9);
  } finally {
    await sandbox.close();
  }
});
