import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import {
  statementsOf as allStatementsOf,
  example,
  fleetFileOf,
  synthesised,
  usual,
} from './support/synthesis.ts';

const { template } = usual();

const statementsOf = (role: string) => allStatementsOf(template, role);
const actions = (role: string) =>
  [...new Set(statementsOf(role).flatMap(({ Action }) => Action))].sort();

describe('the stack', () => {
  test('the stack has an empty, tagged secret per target, kept when the stack is deleted', () => {
    template.resourceCountIs('AWS::SecretsManager::Secret', example.targets.length);
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
    const [sweep] = Object.entries(template.findResources('AWS::Lambda::Function'))
      .filter(([id]) => id.includes('sweep'))
      .map(([, { DependsOn }]) => DependsOn as readonly string[]);
    for (const id of Object.keys(template.findResources('AWS::SecretsManager::Secret')))
      expect(sweep).toContain(id);
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
    const own = read.filter(({ Resource }) => JSON.stringify(Resource).includes('rekey/demo/*'));
    expect(own.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'aws:ResourceTag/rekey:fleet': 'demo' } },
    ]);
    const admins = resources.filter((resource) => resource.includes('rekey/admin/'));
    expect(resources).toHaveLength(1 + admins.length);
    // also by its name alone, because a missing secret has no full ARN
    const names = admins.map((resource) => /secret:([\w/-]+)(-\?{6})?"/.exec(resource)?.slice(1));
    expect(new Set(names.map((name) => name?.[0])).size).toBe(admins.length / 2);
    expect(names.filter((name) => name?.[1])).toHaveLength(admins.length / 2);
  });

  test('a second synth gives the same template', () => {
    expect(synthesised().template.toJSON()).toEqual(template.toJSON());
  });

  test('an invalid fleet file fails the synth with the messages of `rekey validate`', () => {
    const fleetFile = fleetFileOf('fleet: acme\ntargets: {}\n');
    expect(() => synthesised({ fleetFile })).toThrow(
      /rekey\.yaml:2:10 targets: a map; expected a list of targets/,
    );
  });
});
