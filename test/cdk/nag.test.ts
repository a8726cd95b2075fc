import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, onTestFinished, test } from 'vitest';
import { Rekey, type RekeyProps } from '../../lib/cdk/rekey.ts';

/**
 * Synthesizes under AwsSolutions and CloudFormation's own rules. An error throws; returns warnings.
 */
function checked(make: (stack: Stack) => void): unknown {
  const outdir = mkdtempSync(join(tmpdir(), 'rekey-nag-'));
  onTestFinished(() => rmSync(outdir, { recursive: true }));
  const app = new App({ outdir });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  make(new Stack(app, 'Stack'));
  app.synth();
  return JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
}

const everything = (stack: Stack): RekeyProps => {
  // resources outside rekey are not checked here
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  });
  return {
    fleetFile: 'examples/fleet.yaml',
    encryptionKey: new Key(stack, 'Key', { enableKeyRotation: true }),
    vpc,
    securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Out', 'sg-0123456789abcdef0')],
    requesters: [new AccountPrincipal('222222222222')],
    readers: ['222222222222'],
    organizationId: 'o-a1b2c3d4e5',
  };
};

test.each<[string, (stack: Stack) => RekeyProps]>([
  ['with the defaults', () => ({ fleetFile: 'examples/fleet.yaml' })],
  ['in a dry run', () => ({ fleetFile: 'examples/fleet.yaml', dryRun: true })],
  ['with every option', everything],
  ['with stacks of secrets', () => ({ fleetFile: 'examples/fleet.yaml', secretStacks: 2 })],
])('the stack passes AwsSolutions %s', (_what, props) => {
  expect(checked((stack) => void new Rekey(stack, 'Rekey', props(stack)))).toMatchObject({
    pluginReports: [],
  });
});

test('the AwsSolutions check is active: a queue without TLS and dead letters fails', () => {
  expect(() => checked((stack) => void new Queue(stack, 'Careless'))).toThrow(
    /AwsSolutions-SQS3[\s\S]*AwsSolutions-SQS4/,
  );
});
