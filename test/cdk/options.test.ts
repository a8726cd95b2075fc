import { createHash } from 'node:crypto';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { describe, expect, test } from 'vitest';
import type { RekeyProps } from '../../lib/cdk/rekey.ts';
import { actionsOf, propertiesOf, statementsOf, synthesised, usual } from './support/synthesis.ts';

const env = { region: 'eu-central-1', account: '111111111111' };
const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');
const environmentOf = (
  found: ReturnType<typeof synthesised>,
  name: string,
): Readonly<Record<string, unknown>> => {
  const functions = Object.entries(found.template.findResources('AWS::Lambda::Function'));
  const [, made] = functions.find(([id]) => id.includes(name)) ?? [];
  return made?.Properties.Environment.Variables as Record<string, unknown>;
};

describe('a dry run', () => {
  const dry = synthesised({ dryRun: true });

  test('a dry run may describe the secrets, and nothing more', () => {
    const ofSecrets = ['sweep', 'reconcile', 'request'].flatMap((name) =>
      actionsOf(dry.template, `${name}Role`, 'secretsmanager'),
    );
    expect([...new Set(ofSecrets)].sort()).toEqual([
      'secretsmanager:DescribeSecret',
      'secretsmanager:ListSecrets',
    ]);
  });

  test('a dry run sweeps on schedule, and announces what is due', () => {
    dry.template.hasResourceProperties('AWS::Scheduler::Schedule', { State: 'ENABLED' });
    expect(environmentOf(dry, 'reconcile')).toMatchObject({ REKEY_DRY_RUN: 'true' });
    expect(actionsOf(dry.template, 'reconcileRole', 'events')).toEqual(['events:PutEvents']);
  });

  test('a dry run accepts no requests', () => {
    dry.template.hasResourceProperties('AWS::Events::Rule', {
      State: 'DISABLED',
      EventPattern: { 'detail-type': Match.arrayWith(['Rotation Requested']) },
    });
  });

  test('a dry run is not the default', () => {
    const plain = usual();
    expect(environmentOf(plain, 'reconcile')).not.toHaveProperty('REKEY_DRY_RUN');
    plain.template.resourcePropertiesCountIs('AWS::Events::Rule', { State: 'DISABLED' }, 0);
  });
});

test('each function gets the environment that it needs, without secrets', () => {
  const ten = synthesised({ interval: Duration.minutes(10) });
  const common = ['POWERTOOLS_METRICS_NAMESPACE', 'POWERTOOLS_SERVICE_NAME', 'REKEY_FLEET_SHA256'];
  const names = (name: string) =>
    Object.keys(environmentOf(ten, name)).filter((one) => !one.startsWith('AWS_'));
  expect(names('sweep').sort()).toEqual([...common, 'REKEY_INTERVAL', 'REKEY_QUEUE_URL'].sort());
  expect(names('reconcile').sort()).toEqual([...common, 'REKEY_BUS'].sort());
  expect(names('request').sort()).toEqual([...common, 'REKEY_QUEUE_URL'].sort());
  expect(environmentOf(ten, 'sweep')).toMatchObject({
    REKEY_INTERVAL: '10',
    REKEY_FLEET_SHA256: sha256Of(JSON.stringify(ten.rekey.fleet)),
  });
  ten.template.allResourcesProperties('AWS::Lambda::Function', {
    TracingConfig: { Mode: 'Active' },
  });
});

test('reserved concurrency limits the request function', () => {
  const { template } = synthesised({ requestConcurrency: 5 });
  template.resourcePropertiesCountIs(
    'AWS::Lambda::Function',
    { ReservedConcurrentExecutions: 5 },
    1,
  );
  template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    FunctionName: { Ref: Match.stringLikeRegexp('request') },
  });
  usual().template.resourcePropertiesCountIs(
    'AWS::Lambda::Function',
    { ReservedConcurrentExecutions: Match.anyValue() },
    0,
  );
});

describe('a key', () => {
  const { template } = synthesised((stack) => ({ encryptionKey: new Key(stack, 'Key') }));

  test('the key encrypts every secret', () => {
    template.allResourcesProperties('AWS::SecretsManager::Secret', {
      KmsKeyId: Match.objectLike({ 'Fn::GetAtt': Match.anyValue() }),
    });
  });

  test('the key is granted to the worker only, and through Secrets Manager only', () => {
    const uses = statementsOf(template, 'reconcileRole').filter(({ Action }) =>
      [Action].flat().some((one) => one.startsWith('kms:')),
    );
    expect(uses).toHaveLength(1);
    expect(uses[0]?.Action).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
    expect(JSON.stringify(uses[0]?.Condition)).toMatch(/kms:ViaService.*secretsmanager/);
    expect(
      JSON.stringify(uses[0]?.Condition?.StringLike?.['kms:EncryptionContext:SecretARN']),
    ).toMatch(/secret:rekey\/demo\/\*/);
    for (const name of ['sweepRole', 'requestRole'])
      expect(actionsOf(template, name, 'kms')).toEqual([]);
  });
});

describe('replica regions', () => {
  test('each secret has the replica regions, with their keys', () => {
    const arn = 'arn:aws:kms:eu-west-1:111111111111:key/12345678-1234-1234-1234-123456789012';
    const { template } = synthesised(
      (stack) => ({
        replicaRegions: [
          { region: 'us-east-1' },
          { region: 'eu-west-1', encryptionKey: Key.fromKeyArn(stack, 'Far', arn) },
        ],
      }),
      { env },
    );
    template.allResourcesProperties('AWS::SecretsManager::Secret', {
      ReplicaRegions: [{ Region: 'us-east-1' }, { Region: 'eu-west-1', KmsKeyId: arn }],
    });
    const uses = statementsOf(template, 'reconcileRole').filter(({ Resource }) => Resource === arn);
    expect(uses.map(({ Action }) => Action)).toEqual([['kms:Encrypt', 'kms:GenerateDataKey']]);
    const secrets = JSON.stringify(uses[0]?.Condition?.StringLike);
    for (const region of ['eu-central-1', 'eu-west-1'])
      expect(secrets).toContain(`:secretsmanager:${region}:111111111111:secret:rekey/demo/*`);
  });
});

describe('in a VPC', () => {
  const { template } = synthesised((stack) => {
    const vpc = new Vpc(stack, 'Vpc');
    return { vpc, securityGroups: [new SecurityGroup(stack, 'Out', { vpc })] };
  });

  test('every function is in the VPC, with the given security groups', () => {
    const functions = propertiesOf(template, 'AWS::Lambda::Function').filter(
      ({ VpcConfig }) => VpcConfig,
    );
    expect(functions).toHaveLength(3);
    for (const { VpcConfig } of functions)
      expect(JSON.stringify(VpcConfig)).toMatch(/"Out.*PrivateSubnet/);
  });

  test('Lambda may create network interfaces with the role, but the code may not', () => {
    for (const name of ['sweepRole', 'reconcileRole', 'requestRole']) {
      const [allow, deny] = statementsOf(template, name).filter(({ Action }) =>
        [Action].flat().includes('ec2:CreateNetworkInterface'),
      );
      expect(allow).toMatchObject({ Effect: 'Allow' });
      expect(deny).toMatchObject({
        Effect: 'Deny',
        Action: allow?.Action,
        Condition: { ArnLike: { 'lambda:SourceFunctionArn': expect.anything() } },
      });
    }
  });
});

test('every role has the permissions boundary', () => {
  const { template } = synthesised((stack) => ({
    permissionsBoundary: ManagedPolicy.fromManagedPolicyName(
      stack,
      'Boundary',
      'platform-boundary',
    ),
  }));
  const roles = propertiesOf(template, 'AWS::IAM::Role');
  expect(roles.length).toBeGreaterThanOrEqual(4);
  expect(
    roles.filter(
      ({ PermissionsBoundary }) =>
        !JSON.stringify(PermissionsBoundary ?? '').includes('platform-boundary'),
    ),
  ).toEqual([]);
});

test('secrets and logs survive the stack unless configured otherwise', () => {
  for (const type of ['AWS::SecretsManager::Secret', 'AWS::Logs::LogGroup']) {
    usual().template.allResources(type, { DeletionPolicy: 'Retain' });
    synthesised({ removalPolicy: RemovalPolicy.DESTROY }).template.allResources(type, {
      DeletionPolicy: 'Delete',
    });
  }
});

test('logs and the archive are kept for the configured time', () => {
  const { template } = synthesised({
    logRetention: RetentionDays.TWO_YEARS,
    archiveRetention: Duration.days(30),
  });
  template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 731 });
  template.hasResourceProperties('AWS::Events::Archive', { RetentionDays: 30 });
});

describe('a reader of one secret', () => {
  test('a reader may read the current and previous version of one secret only', () => {
    const { rekey, stack } = synthesised();
    const reader = new Role(stack, 'Reader', {
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
    });
    rekey.grantRead('shop-images', reader);
    const [policy] = stack.node
      .findChild('Reader')
      .node.findAll()
      .flatMap((one) => ('document' in one ? [one.document] : []));
    const text = JSON.stringify(stack.resolve(policy));
    expect(text).toMatch(/secretsmanager:GetSecretValue/);
    expect(text).toMatch(
      /"ForAnyValue:StringEquals":\{"secretsmanager:VersionStage":\["AWSCURRENT","AWSPREVIOUS"\]\}/,
    );
    expect(text.match(/"Ref":"\w+"/g)).toEqual([expect.stringMatching(/Secretshopimages/)]);
  });

  test('a reader of an unknown target gets an error with the known targets', () => {
    expect(() => usual().rekey.secretOf('shop')).toThrow(
      /no target "shop"; expected one of speech-engine, shop-images/,
    );
  });
});

describe('an invalid property fails the synth', () => {
  test.each<[string, Partial<RekeyProps>, RegExp]>([
    [
      'seconds',
      { interval: Duration.seconds(90) },
      /interval of Rekey is 90 seconds; expected a whole number of minutes from 1 to 60/,
    ],
    ['no interval', { interval: Duration.minutes(0) }, /interval/],
    ['a day', { interval: Duration.days(1) }, /interval/],
    [
      'one worker',
      { maxConcurrency: 1 },
      /maxConcurrency of Rekey is 1; expected a whole number from 2 to 1000/,
    ],
    ['half a worker', { maxConcurrency: 2.5 }, /maxConcurrency/],
    ['too many workers', { maxConcurrency: 1001 }, /maxConcurrency/],
    ['half a day of archive', { archiveRetention: Duration.hours(36) }, /archiveRetention/],
    [
      'a replica in the stack’s own region',
      { replicaRegions: [{ region: 'eu-central-1' }] },
      /replicaRegions of Rekey is eu-central-1; expected regions other/,
    ],
    [
      'a replica twice',
      { replicaRegions: [{ region: 'us-east-1' }, { region: 'us-east-1' }] },
      /us-east-1 twice/,
    ],
    [
      'requests from an invalid account id',
      { requestSources: { accounts: ['*'] } },
      /requestSources/,
    ],
    [
      'requests from an empty list of sources',
      { requestSources: { sources: [] } },
      /requestSources/,
    ],
    [
      'no reserved request',
      { requestConcurrency: 0 },
      /requestConcurrency of Rekey is 0; expected a whole number from 1 to 1000/,
    ],
    ['an invalid account id', { readers: ['*'] }, /readers/],
    ['an invalid organization id', { organizationId: '*' }, /organizationId/],
    ['security groups without a VPC', { securityGroups: [] }, /vpc of Rekey is none/],
    ['one stack of secrets', { secretStacks: 1 }, /secretStacks of Rekey is 1; expected a whole/],
    ['too many stacks of secrets', { secretStacks: 201 }, /secretStacks/],
  ])('%s fails the synth', (_what, props, message) => {
    expect(() => synthesised(props, { env })).toThrow(message);
  });
});
