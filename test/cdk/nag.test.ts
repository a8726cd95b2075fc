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
 * Synthesises under AwsSolutions and CloudFormation's own rules; an error throws, what is left are
 * warnings.
 */
function checked(make: (stack: Stack) => void): unknown {
  const outdir = mkdtempSync(join(tmpdir(), 'rekey-nag-'));
  onTestFinished(() => rmSync(outdir, { recursive: true }));
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  make(new Stack(app, 'Stack'));
  app.synth();
  return JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
}

const everything = (stack: Stack): RekeyProps => {
  // what is not rekey's is not judged here
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
  ['as it comes', () => ({ fleetFile: 'examples/fleet.yaml' })],
  ['in a dry run', () => ({ fleetFile: 'examples/fleet.yaml', dryRun: true })],
  ['with every option', everything],
])('AwsSolutions has nothing to say of it, %s', (_what, props) => {
  expect(checked((stack) => void new Rekey(stack, 'Rekey', props(stack)))).toMatchObject({
    pluginReports: [],
  });
});

test('AwsSolutions is listened to: a queue without TLS and without dead letters fails the synth', () => {
  expect(() => checked((stack) => void new Queue(stack, 'Careless'))).toThrow(
    /AwsSolutions-SQS3[\s\S]*AwsSolutions-SQS4/,
  );
});
