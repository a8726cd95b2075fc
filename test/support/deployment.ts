import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeSecretCommand, TagResourceCommand } from '@aws-sdk/client-secrets-manager';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Rekey, type RekeyProps } from '../../lib/cdk/rekey.ts';
import { SIMULATED } from '../../lib/cdk/worker-function.ts';
import type { Fleet } from '../../lib/core/fleet/index.ts';
import { type Clients, setUp } from '../../lib/sandbox/demo/setup.ts';
import { type Sandbox, startSandbox } from '../../lib/sandbox/index.ts';
import { awsClients } from './embedded-aws.ts';
import { ACCOUNT, type Lambda, type LambdaOptions, REGION, startLambda } from './lambda.ts';
import { isRecord, type Physical, type Resources, resolver } from './template.ts';

/** A function of the template: the path of its bundle, and the id of its role. */
export interface SynthesisedFunction {
  readonly id: string;
  readonly bundle: string;
  readonly role: string;
}

export interface Synthesised {
  readonly fleet: Fleet;
  readonly resources: Resources;
  readonly functions: Readonly<Record<string, SynthesisedFunction>>;
}

/** The example fleet with one target that Secrets Manager drives, as a file in this folder. */
export function drivenFleet(folder: string): string {
  const file = join(folder, 'driven.yaml');
  const text = readFileSync('examples/fleet.yaml', 'utf8');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    file,
    text.replace('provider: huawei-swr-enterprise\n', '$&    driver: secrets-manager\n'),
  );
  return file;
}

const names = ['sweep', 'reconcile', 'request', 'native-rotation'] as const;

/**
 * Runs `cdk synth` for the example fleet with a driven target, bundles included. It takes seconds,
 * so call it once. Its functions call simulated vendors, unlike deployed ones.
 */
export function synthesise(
  folder: string,
  context: Readonly<Record<string, unknown>> = { [SIMULATED]: true },
  props: RekeyProps = { fleetFile: drivenFleet(folder) },
): Synthesised {
  mkdirSync(folder, { recursive: true });
  const stack = new Stack(new App({ outdir: folder, context: { ...context } }), 'Stack');
  const { fleet } = new Rekey(stack, 'Rekey', props);
  const { Resources: resources } = Template.fromStack(stack).toJSON() as { Resources: Resources };
  const functions = Object.entries(resources).flatMap(([id, { Type, Properties = {} }]) => {
    if (Type !== 'AWS::Lambda::Function') return [];
    const name = names.find((candidate) => id.toLowerCase().includes(candidate.replace('-', '')));
    // every function must be driven by a test, so an unknown one fails
    if (!name) throw new Error(`the function ${id} is not known here`);
    const { Code, Role } = Properties as {
      Code: { S3Key: string };
      Role: { 'Fn::GetAtt': [string, string] };
    };
    const bundle = join(folder, `asset.${Code.S3Key.replace('.zip', '')}`);
    return [[name, { id, bundle, role: Role['Fn::GetAtt'][0] }] as const];
  });
  return { fleet, resources, functions: Object.fromEntries(functions) };
}

/** The running stack: embedded AWS, simulated vendors, and each function in its own processes. */
export interface Deployment extends Synthesised {
  readonly sandbox: Sandbox;
  readonly clients: Clients;
  /** URL of the work queue. */
  readonly work: string;
  /** Replaces the references in a part of the template. */
  resolve(value: unknown): unknown;
  /** Starts a process of a function with the template's environment. */
  start(name: string, environment?: Readonly<Record<string, string>>): Promise<Lambda>;
  /** Moves time forward for AWS, the vendors, and every process that is started from now on. */
  pass(ms: number): void;
  /** All output of all processes. */
  output(): string;
  close(): Promise<void>;
}

export async function deploy(
  synthesised: Synthesised,
  {
    runtime,
    vendors,
  }: {
    readonly runtime?: LambdaOptions['runtime'];
    readonly vendors?: NonNullable<Parameters<typeof startSandbox>[0]['vendors']>;
  } = {},
): Promise<Deployment> {
  const { fleet, resources, functions } = synthesised;
  let shift = 0;
  const sandbox = await startSandbox({
    clock: { now: () => new Date(Date.now() + shift), sleep: async () => {} },
    ...(vendors && { vendors }),
  });
  const clients = awsClients({ endpoint: sandbox.url });
  const { work } = await setUp(clients, fleet, `rekey-${fleet.id}`, sandbox.vendors);
  await tagAsDeployed(clients, resources);
  const arns = new Map<string, string>();
  for (const { secret: SecretId } of fleet.targets) {
    const { ARN = '' } = await clients.secretsManager.send(new DescribeSecretCommand({ SecretId }));
    arns.set(SecretId, ARN);
  }
  const resolve = resolver(resources, pseudo, physical(synthesised, work, arns));
  const started: Lambda[] = [];
  return {
    ...synthesised,
    sandbox,
    clients,
    work,
    resolve,
    async start(name, environment = {}) {
      const { id, bundle } = functionOf(functions, name);
      const { Variables } = (resources[id]?.Properties?.Environment ?? {}) as {
        Variables?: unknown;
      };
      const lambda = await startLambda({
        name,
        bundle,
        shift,
        ...(runtime && { runtime }),
        environment: {
          ...(resolve(Variables ?? {}) as Record<string, string>),
          REKEY_ENDPOINTS: JSON.stringify(sandbox.endpoints),
          AWS_ENDPOINT_URL: sandbox.url,
          ...environment,
        },
      });
      started.push(lambda);
      return lambda;
    },
    pass(ms) {
      shift += ms;
    },
    output: () => started.map((one) => one.output()).join('\n'),
    async close() {
      await Promise.all(started.map((one) => one.kill()));
      await sandbox.close();
    },
  };
}

/** Gives each secret the tags of the template, on which rights depend. */
async function tagAsDeployed({ secretsManager }: Clients, resources: Resources): Promise<void> {
  for (const { Type, Properties = {} } of Object.values(resources)) {
    if (Type !== 'AWS::SecretsManager::Secret') continue;
    const tags = Properties.Tags as readonly { readonly Key: string; readonly Value: string }[];
    await secretsManager.send(
      new TagResourceCommand({ SecretId: String(Properties.Name), Tags: [...tags] }),
    );
  }
}

function functionOf(functions: Synthesised['functions'], name: string): SynthesisedFunction {
  const found = functions[name];
  if (!found) throw new Error(`the template has no function ${name}`);
  return found;
}

const pseudo = {
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'Stack',
};

/** The names that the embedded AWS gave. Resources that it does not have get plausible names. */
function physical(
  { resources, functions }: Synthesised,
  work: string,
  secrets: ReadonlyMap<string, string>,
): Physical {
  const { Variables } = (resources[functions.sweep?.id ?? '']?.Properties?.Environment ?? {}) as {
    Variables?: { REKEY_QUEUE_URL?: unknown };
  };
  const wired = Variables?.REKEY_QUEUE_URL;
  const workId = isRecord(wired) ? wired.Ref : undefined;
  const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
  return (id, { Type, Properties = {} }, attribute) => {
    const queue = id === workId ? (work.split('/').at(-1) ?? '') : id;
    const given: Readonly<Record<string, string | undefined>> = {
      'AWS::SecretsManager::Secret': secrets.get(String(Properties.Name)),
      'AWS::SQS::Queue':
        attribute === 'Arn'
          ? arn('sqs', queue)
          : attribute
            ? queue
            : id === workId
              ? work
              : `https://sqs/${ACCOUNT}/${id}`,
      'AWS::Events::EventBus':
        attribute === 'Arn'
          ? arn('events', `event-bus/${String(Properties.Name)}`)
          : String(Properties.Name),
      'AWS::Logs::LogGroup': attribute === 'Arn' ? arn('logs', `log-group:${id}:*`) : id,
      'AWS::Lambda::Function': attribute === 'Arn' ? arn('lambda', `function:${id}`) : id,
    };
    return given[Type] ?? (attribute?.endsWith('Arn') ? `arn:aws:made-up:::${Type}/${id}` : id);
  };
}
