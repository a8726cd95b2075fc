import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, MINUTE } from '../../lib/core/time.ts';
import { connectBus, connectRotation } from '../support/connections.ts';
import { type Deployment, deploy, synthesise } from '../support/deployment.ts';
import {
  allows,
  type Context,
  policiesOf,
  type Statement,
  ungranted,
  unused,
} from '../support/iam.ts';
import { ACCOUNT, REGION } from '../support/lambda.ts';
import { requestsOf, type Seen } from '../support/requests.ts';
import { fixture, messageFor, receive, record } from '../support/sqs-event.ts';

/** Grants that the calls of a function do not use, with the reason for each. */
const reasons: readonly {
  readonly functions: readonly string[];
  readonly grant: RegExp;
  readonly why: string;
}[] = [
  {
    functions: ['*'],
    grant: /^logs:(CreateLogStream|PutLogEvents) on arn:/,
    why: 'Lambda writes what the function prints',
  },
  {
    functions: ['*'],
    grant: /^xray:(PutTraceSegments|PutTelemetryRecords) on \*$/,
    why: 'Lambda’s X-Ray daemon sends the segments; no ARN exists for them',
  },
  {
    functions: ['reconcile'],
    grant:
      /^sqs:((Receive|Delete)Message|ChangeMessageVisibility|GetQueue(Url|Attributes)) on arn:/,
    why: 'the event source mapping takes messages off the queue with the role of the function',
  },
  {
    functions: ['reconcile'],
    grant: /^lambda:InvokeFunction on arn:[^ ]*nativerotation/,
    // docs.aws.amazon.com, RotateSecret
    why: 'the caller of RotateSecret must be allowed to call the function that rotates',
  },
  {
    functions: ['*'],
    grant: /^sqs:SendMessage on arn:[^ ]*:\w*RefusedRequests\w*$/,
    why: 'Lambda puts an event there with the role of the function after its last failure',
  },
  {
    functions: ['sweep', 'request'],
    grant: /^sqs:(GetQueueUrl|GetQueueAttributes) on arn:/,
    why: 'CDK’s grantSendMessages adds them; they do not show messages',
  },
];

const folder = mkdtempSync(join(tmpdir(), 'rekey-policies-'));
let here: Deployment;
const policies = new Map<string, readonly Statement[]>();
const requests = new Map<string, readonly Seen[]>();

/** Makes every function do all its work, with every target, and records its calls. */
async function liveAll(): Promise<void> {
  const { clients, sandbox, fleet } = here;
  const { secretsManager } = clients;
  const tag = { Key: 'rekey:fleet', Value: fleet.id };
  const secrets = fleet.targets.map(({ secret }) => secret);
  const sweep = async () => (await here.start('sweep')).answer(fixture('schedule'));
  const worker = async () => {
    const Records = await receive(clients.sqs, here.work);
    await (await here.start('reconcile')).answer({ Records });
    // of Secrets Manager, which the worker may have asked to rotate
    await sandbox.aws.idle();
  };
  const compromised = async (target: string) => {
    const entry = {
      EventBusName: `rekey-${fleet.id}`,
      Source: 'acme.operations',
      DetailType: 'Credential Compromised',
    };
    await clients.eventBridge.send(
      new PutEventsCommand({ Entries: [{ ...entry, Detail: JSON.stringify({ target }) }] }),
    );
  };
  const gone = async (names: readonly string[]) => {
    for (const SecretId of new Set(names)) {
      await secretsManager.send(
        new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }),
      );
    }
  };
  await connectRotation(here, await here.start('native-rotation'));
  // a process keeps its clock, and the admin secrets that it has read
  const anotherRotator = async () => {
    const native = await here.start('native-rotation');
    sandbox.aws.functions.register(native.arn, (event) => native.answer(event));
  };
  // first rotation; a secret without its tag is not listed, so it is described individually
  for (const SecretId of secrets)
    await secretsManager.send(new UntagResourceCommand({ SecretId, TagKeys: [tag.Key] }));
  await sweep();
  for (const SecretId of secrets)
    await secretsManager.send(new TagResourceCommand({ SecretId, Tags: [tag] }));
  await worker();
  // replacement and revocation; one secret has the fleet's tag, but is not a target
  here.pass(20 * MINUTE);
  await anotherRotator();
  await connectBus(here, await here.start('request'));
  for (const { name } of fleet.targets) await compromised(name);
  await secretsManager.send(
    new CreateSecretCommand({ Name: 'rekey/demo/left', SecretString: '{}', Tags: [tag] }),
  );
  await sandbox.aws.idle();
  await sweep();
  await worker();
  // the worker revokes what Secrets Manager rotated; rekey scans each admin account for orphans
  await sweep();
  await worker();
  const accounts = fleet.targets.map(({ provider, admin }) => ({ orphans: { provider, admin } }));
  await (await here.start('reconcile')).answer({
    Records: accounts.map((account) =>
      record({ body: JSON.stringify({ ...account, correlationId: 'by-hand' }) }),
    ),
  });
  await note();
  // first the admin secrets are gone, then the targets' own
  await gone(fleet.targets.map(({ admin }) => admin));
  here.pass(120 * DAY);
  await anotherRotator();
  await sweep();
  await worker();
  await note();
  await gone(secrets);
  await sweep();
  for (const { name } of fleet.targets) await compromised(name);
  await sandbox.aws.idle();
  await (await here.start('reconcile')).answer({
    Records: fleet.targets.map(({ name }) => messageFor(name)),
  });
  await note();
}

/** The calls since the last time, with the current names of things. */
async function note(): Promise<void> {
  for (const name of Object.keys(here.functions)) {
    requests.set(name, [...(requests.get(name) ?? []), ...(await requestsOf(here, name))]);
  }
  here.sandbox.aws.calls.reset();
}

beforeAll(async () => {
  here = await deploy(synthesise(folder));
  for (const [name, { role }] of Object.entries(here.functions))
    policies.set(name, policiesOf(here.resources, role, here.resolve));
  await liveAll();
});
afterAll(async () => {
  await here?.close();
  rmSync(folder, { recursive: true });
});

const of = (name: string) => ({
  granted: policies.get(name) ?? [],
  made: requests.get(name) ?? [],
});
const unexplained = (name: string, grants: readonly string[]) =>
  grants.filter(
    (grant) =>
      !reasons.some(
        (one) =>
          one.grant.test(grant) && (one.functions.includes(name) || one.functions.includes('*')),
      ),
  );

/** The last function exists only if it has something to rotate. */
const watched = ['sweep', 'reconcile', 'request', 'native-rotation'];

describe.each(watched)('%s', (name) => {
  test(`${name} makes no call that its role does not grant`, () => {
    const { granted, made } = of(name);
    expect(made.length).toBeGreaterThan(5);
    expect(
      ungranted(
        granted,
        made.filter(({ gone }) => !gone),
      ),
    ).toEqual([]);
  });

  test(`${name} has no unused grant without a reason`, () => {
    const { granted, made } = of(name);
    expect(unexplained(name, unused(granted, made))).toEqual([]);
  });
});

test.each(['sweep', 'reconcile', 'request'])(
  '%s may describe a deleted secret: otherwise it could not know that it is deleted',
  (name) => {
    const { granted, made } = of(name);
    const lost = made.filter(({ gone }) => gone);
    expect(lost.length).toBeGreaterThan(5);
    expect(ungranted(granted, lost)).toEqual([]);
  },
);

test('every function of the template was watched', () => {
  expect(Object.keys(here.functions).sort()).toEqual([...watched].sort());
});

test('the schedule may call the sweep function, and there is no other role', () => {
  const ofFunctions = Object.values(here.functions).map(({ role }) => role);
  const others = Object.entries(here.resources).filter(
    ([id, { Type }]) => Type === 'AWS::IAM::Role' && !ofFunctions.includes(id),
  );
  const statements = others.flatMap(([id]) => policiesOf(here.resources, id, here.resolve));
  const resources = [here.resolve({ 'Fn::GetAtt': [here.functions.sweep?.id, 'Arn'] })];
  expect(statements).toEqual([
    { effect: 'Allow', actions: ['lambda:InvokeFunction'], resources, conditions: [] },
  ]);
});

describe('stolen code of a function', () => {
  const secret = (name: string) => here.resolve({ Ref: secretId(name) }) as string;
  const secretId = (name: string) =>
    Object.entries(here.resources).find(
      ([, { Properties = {} }]) => Properties.Name === `rekey/demo/${name}`,
    )?.[0] ?? '';
  const may = (name: string, action: string, resource: string, context: Context) =>
    allows(policies.get(name) ?? [], { action, resource, context });
  const move = 'secretsmanager:UpdateSecretVersionStage';
  const tag = { 'aws:ResourceTag/rekey:fleet': 'demo' };
  const drivenTags = { ...tag, 'aws:ResourceTag/rekey:driver': 'secrets-manager' };
  const stage = (label: string): Context => ({ ...tag, 'secretsmanager:VersionStage': [label] });

  test('stolen code of request cannot point consumers at another version', () => {
    const one = secret('shop-images');
    expect(may('request', move, one, stage('rekey:1:compromised:0a1b2c3d:20300101T000000Z'))).toBe(
      true,
    );
    for (const label of ['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS', 'acme', ''])
      expect(may('request', move, one, stage(label))).toBe(false);
    expect(may('request', move, one, tag)).toBe(false);
  });

  test('stolen code of reconcile can only label a removed secret outside the prefix', () => {
    const left = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:shop/left-a1b2c3`;
    expect(may('reconcile', move, left, stage('rekey:1:removed:0a1b2c3d:20300101T000000Z'))).toBe(
      true,
    );
    for (const label of ['AWSCURRENT', 'rekey:1:credential:0a1b2c3d:x'])
      expect(may('reconcile', move, left, stage(label))).toBe(false);
    expect(may('reconcile', 'secretsmanager:GetSecretValue', left, tag)).toBe(false);
  });

  test.each(['reconcile', 'native-rotation'])(
    'stolen code of %s can publish rekey’s events, and no requests',
    (name) => {
      const bus = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/rekey-demo`;
      const says = (...sources: readonly string[]) =>
        may(name, 'events:PutEvents', bus, { 'events:source': sources });
      expect(says('rekey')).toBe(true);
      expect([says('acme'), says('rekey', 'acme'), may(name, 'events:PutEvents', bus, {})]).toEqual(
        [false, false, false],
      );
    },
  );

  test('stolen code of reconcile cannot rotate a secret with another function', () => {
    const driven = secret('factory-images');
    const rotates = (context: Context) =>
      may('reconcile', 'secretsmanager:RotateSecret', driven, { ...drivenTags, ...context });
    const own = here.resolve({
      'Fn::GetAtt': [here.functions['native-rotation']?.id, 'Arn'],
    }) as string;
    expect([rotates({}), rotates({ 'secretsmanager:RotationLambdaARN': own })]).toEqual([
      true,
      true,
    ]);
    expect(rotates({ 'secretsmanager:RotationLambdaARN': `${own}-of-mine` })).toBe(false);
  });
});

describe('secrets that a role may not touch', () => {
  const arn = (name: string) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}-a1b2c3`;
  const tags = (fleet: string, driver?: string): Context => ({
    'aws:ResourceTag/rekey:fleet': fleet,
    ...(driver && { 'aws:ResourceTag/rekey:driver': driver }),
  });
  const own = 'rekey/demo/new';
  const others: readonly (readonly [what: string, name: string, context: Context])[] = [
    ['a secret below the prefix without a tag', own, {}],
    ['a secret below the prefix with the tag of another fleet', own, tags('shop')],
    ['a secret elsewhere with the tag of the fleet', 'payroll', tags('demo', 'secrets-manager')],
    ['a secret of a fleet with a longer id', 'rekey/demo-2/new', tags('demo')],
    ['a secret of another fleet with this fleet’s tag', 'rekey/shop/new', tags('demo')],
  ];
  const values = ['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage', 'RotateSecret'];
  const labels = ['AWSCURRENT', 'rekey:1:credential:0a1b2c3d:x'];
  /** The actions on a secret that a function may do, for each of the labels. */
  const allowed = (statements: readonly Statement[], name: string, context: Context) =>
    [...values, 'DeleteSecret', 'TagResource', 'UntagResource', 'PutResourcePolicy'].filter((one) =>
      labels.some((label) =>
        allows(statements, {
          action: `secretsmanager:${one}`,
          resource: arn(name),
          context: { ...context, 'secretsmanager:VersionStage': [label] },
        }),
      ),
    );

  test.each(
    others.flatMap(([what, name, context]) =>
      watched.map((role) => [role, what, name, context] as const),
    ),
  )('%s may read and change nothing of %s', (role, _what, name, context) => {
    expect(allowed(policies.get(role) ?? [], name, context)).toEqual([]);
  });

  test('each role may do its work on a new secret below the prefix, with its tags', () => {
    const found = Object.fromEntries(
      watched.map((role) => [role, allowed(policies.get(role) ?? [], own, tags('demo'))]),
    );
    expect(found).toEqual({
      sweep: [],
      request: ['UpdateSecretVersionStage'],
      reconcile: ['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'],
      // only what Secrets Manager drives
      'native-rotation': [],
    });
    const driven = tags('demo', 'secrets-manager');
    expect(allowed(policies.get('reconcile') ?? [], own, driven)).toEqual(values);
    expect(allowed(policies.get('native-rotation') ?? [], own, driven)).toEqual(
      values.filter((action) => action !== 'RotateSecret'),
    );
  });

  test('these checks find a grant without its condition, and one with a shorter prefix', () => {
    const granted = policies.get('reconcile') ?? [];
    const bare = granted.map((one) => ({ ...one, conditions: [] }));
    const short = granted.map((one) => ({
      ...one,
      resources: one.resources.map((resource) => resource.replace('rekey/demo/', '')),
    }));
    const wide = (statements: readonly Statement[]) =>
      others.filter(([, name, context]) => allowed(statements, name, context).length > 0).length;
    expect([wide(granted), wide(bare), wide(short)]).toEqual([0, 5, 3]);
  });
});

describe('the check itself', () => {
  test('the policy check finds each action that is taken away', () => {
    const { granted, made } = of('reconcile');
    const used = [...new Set(made.map(({ action }) => action))];
    expect(used.length).toBeGreaterThan(4);
    for (const action of used) {
      const less = granted.map((one) => ({
        ...one,
        actions: one.actions.filter((candidate) => candidate !== action),
      }));
      expect(ungranted(less, made), action).not.toEqual([]);
    }
  });

  test('the policy check finds an added action, and one on another secret', () => {
    const { granted, made } = of('reconcile');
    const add = (action: string, resource: string): Statement[] => [
      ...granted,
      { effect: 'Allow', actions: [action], resources: [resource], conditions: [] },
    ];
    const more = (statements: readonly Statement[]) =>
      unexplained('reconcile', unused(statements, made));
    const other = 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:payroll-a1b2c3';
    expect(more(add('secretsmanager:DeleteSecret', '*'))).toEqual([
      'secretsmanager:DeleteSecret on *',
    ]);
    expect(more(add('secretsmanager:GetSecretValue', other))).toEqual([
      `secretsmanager:GetSecretValue on ${other}`,
    ]);
  });
});
