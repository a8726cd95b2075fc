import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Rekey } from '../../lib/cdk/rekey.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A synthesized deployment of the example fleet. */
function synthesised(name: string, fleetFile = 'examples/fleet.yaml') {
  const app = new App({
    outdir: join(folder, name),
  });
  const stack = new Stack(app, 'Stack');
  const rekey = new Rekey(stack, 'Rekey', { fleetFile });
  return { rekey, template: Template.fromStack(stack) };
}

let template: Template;
beforeAll(() => {
  ({ template } = synthesised('plain'));
});

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}
const statementsOf = (role: string): Statement[] =>
  Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.includes(role))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
const actions = (role: string) =>
  [...new Set(statementsOf(role).flatMap(({ Action }) => Action))].sort();

describe('the stack', () => {
  test('the stack has an empty, tagged secret per target, kept when the stack is deleted', () => {
    template.resourceCountIs('AWS::SecretsManager::Secret', 9);
    template.allResourcesProperties('AWS::SecretsManager::Secret', {
      Tags: [{ Key: 'rekey:fleet', Value: 'demo' }],
      SecretString: Match.absent(),
      GenerateSecretString: Match.absent(),
    });
    template.allResources('AWS::SecretsManager::Secret', { DeletionPolicy: 'Retain' });
  });

  test('the schedule calls the sweep function every five minutes', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(5 minutes)',
    });
  });

  test('the first sweep waits for its rights, a worker and the secrets', () => {
    const [schedule] = Object.values(template.findResources('AWS::Scheduler::Schedule'));
    const waitsFor = (schedule?.DependsOn ?? []) as string[];
    const types = waitsFor.map((id) => `${id} ${template.toJSON().Resources[id].Type}`);
    expect(types).toContainEqual(
      expect.stringMatching(/SchedulerRole\w*Policy\w* AWS::IAM::Policy$/),
    );
    expect(types).toContainEqual(
      expect.stringMatching(/reconcile\w* AWS::Lambda::EventSourceMapping$/),
    );
    const policy = JSON.stringify(statementsOf('reconcileRole'));
    for (const id of Object.keys(template.findResources('AWS::SecretsManager::Secret')))
      expect(policy).toContain(`"${id}"`);
    expect(types).toContainEqual(expect.stringMatching(/reconcileRole\w* AWS::IAM::Policy$/));
  });

  test('the worker processes a FIFO queue, one target at a time, with dead letters', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      FifoQueue: true,
      RedrivePolicy: Match.objectLike({ maxReceiveCount: 5 }),
      FifoThroughputLimit: 'perMessageGroupId',
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('undelivered and refused requests are kept in a queue that has an alarm', () => {
    const refused = { 'Fn::GetAtt': [Match.stringLikeRegexp('RefusedRequests'), 'Arn'] };
    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [Match.objectLike({ DeadLetterConfig: { Arn: refused } })],
    });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp('request') },
      DestinationConfig: { OnFailure: { Destination: refused } },
    });
  });

  test('every queue is encrypted and refuses plain HTTP', () => {
    template.allResourcesProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true });
    template.resourceCountIs('AWS::SQS::Queue', 3);
    const policies = Object.values(template.findResources('AWS::SQS::QueuePolicy'));
    expect(policies).toHaveLength(3);
    for (const { Properties } of policies) {
      expect(Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Action: 'sqs:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
    }
  });

  test('a policy has "*" as the resource only if AWS supports no other', () => {
    const wide = ['sweepRole', 'reconcileRole', 'requestRole', 'SchedulerRole']
      .flatMap(statementsOf)
      .filter(({ Resource }) => [Resource].flat().includes('*'))
      .flatMap(({ Action }) => Action);
    expect([...new Set(wide)].sort()).toEqual([
      'secretsmanager:ListSecrets',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  test('the template contains no secret value', () => {
    const text = JSON.stringify(template.toJSON());
    expect(text).not.toMatch(
      /\{\{resolve:|SecretString|GenerateSecretString|NoEcho|dop_v1_|"(password|token|apiKey)"/i,
    );
    expect(Object.keys(template.toJSON().Parameters ?? {})).toEqual(['BootstrapVersion']);
  });

  test('no role may delete a secret, and each has the rights that it needs', () => {
    expect(JSON.stringify(template.toJSON())).not.toMatch(/secretsmanager:(\*|Delete)/);
    expect(actions('sweepRole')).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'secretsmanager:DescribeSecret',
      'secretsmanager:ListSecrets',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:SendMessage',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
    expect(actions('requestRole').filter((action) => action.startsWith('secretsmanager'))).toEqual([
      'secretsmanager:DescribeSecret',
      'secretsmanager:UpdateSecretVersionStage',
    ]);
    expect(
      actions('reconcileRole').filter((action) => action.startsWith('secretsmanager')),
    ).toEqual([
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetSecretValue',
      'secretsmanager:ListSecrets',
      'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
    ]);
  });

  test('the worker reads the secrets of its targets and admins, and no others', () => {
    const read = statementsOf('reconcileRole').filter(({ Action }) =>
      [Action].flat().includes('secretsmanager:GetSecretValue'),
    );
    const resources = read
      .flatMap(({ Resource }) => [Resource].flat())
      .map((resource) => JSON.stringify(resource));
    expect(
      resources.filter((resource) => resource.includes('"Ref"') && resource.includes('Secret')),
    ).toHaveLength(9);
    const admins = resources.filter((resource) => resource.includes('rekey/admin/'));
    expect(resources).toHaveLength(9 + admins.length);
    // also by its name alone, because a missing secret has no full ARN
    const names = admins.map((resource) => /secret:([\w/-]+)(-\?{6})?"/.exec(resource)?.slice(1));
    expect(new Set(names.map((name) => name?.[0])).size).toBe(admins.length / 2);
    expect(names.filter((name) => name?.[1])).toHaveLength(admins.length / 2);
  });

  test('a second synth gives the same template', () => {
    expect(synthesised('again').template.toJSON()).toEqual(template.toJSON());
  });

  test('an invalid fleet file fails the synth with the messages of `rekey validate`', () => {
    const fleetFile = join(folder, 'bad.yaml');
    writeFileSync(fleetFile, 'fleet: acme\ntargets: {}\n');
    expect(() => synthesised('bad', fleetFile)).toThrow(
      /bad\.yaml:2:10 targets: a map; expected a list of targets/,
    );
  });
});
