import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
import { type FleetFile, Rekey, type RekeyProps } from '../../lib/cdk/index.ts';
import { packed } from '../../lib/cdk/statements.ts';
import { beyondLimits, largeFleet } from './support/limits.ts';
import { anApp } from './support/synthesis.ts';

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

const made = (fleet: FleetFile, more: (stack: Stack) => Partial<RekeyProps> = () => ({})) => {
  const stack = new Stack(anApp(), 'Stack');
  new Rekey(stack, 'Rekey', { fleet, ...more(stack) });
  return JSON.stringify(Template.fromStack(stack).toJSON(), undefined, 1);
};

/** Every option that adds a resource to the stack of the functions. */
const everything = (stack: Stack): Partial<RekeyProps> => ({
  vpc: Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-central-1a'],
    privateSubnetIds: ['subnet-0123456789abcdef0'],
  }),
  securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Out', 'sg-0123456789abcdef0')],
  encryptionKey: Key.fromKeyArn(stack, 'Key', KEY),
  requesters: [new AccountPrincipal('222222222222')],
  readers: ['222222222222'],
  organizationId: 'o-a1b2c3d4e5',
  alarmTopic: new Topic(stack, 'Topic'),
  requestConcurrency: 5,
});

const driver = 'secrets-manager' as const;

describe('the largest fleet of one stack', () => {
  test('400 targets with every option stay below the limits of AWS', () => {
    expect(beyondLimits('Stack', made(largeFleet(400), everything))).toEqual([]);
  });

  test('targets that Secrets Manager drives count twice', () => {
    const fleet = (count: number) => largeFleet(count, (index) => (index < 100 ? { driver } : {}));
    expect(beyondLimits('Stack', made(fleet(299), everything))).toEqual([]);
    expect(() => made(fleet(300))).toThrow(
      'has 300 targets; expected at most 299 in one stack with 101 resources for those that',
    );
  });

  test('one target more fails the synth with the next step', () => {
    expect(() => made(largeFleet(401))).toThrow(
      [
        'the fleet acme has 401 targets; expected at most 400 in one stack:',
        'set the property secretStacks of Rekey as docs/deploy.md describes under "Size",',
        'so that the secrets get stacks of their own',
      ].join(' '),
    );
  });
});

describe('the largest fleet of several stacks', () => {
  test('a full stack fails the synth with the next step', () => {
    expect(() => made(largeFleet(1000), () => ({ secretStacks: 2 }))).toThrow(
      /has 1000 targets, and \d{3} of them in stack [12] of 2; expected at most 490: double the/,
    );
  });

  test('the rotation schedules of driven targets fit into the stack of the functions', () => {
    const driven = (count: number) => largeFleet(count, () => ({ driver }));
    const stacks = (stack: Stack) => ({ ...everything(stack), secretStacks: 4 });
    expect(beyondLimits('Stack', made(driven(399), stacks))).toEqual([]);
    expect(() => made(driven(400), stacks)).toThrow(
      /has 400 targets that Secrets Manager drives; expected at most 399, whose/,
    );
  });

  test('driven targets with other names each need a permission, and 35 of them fit', () => {
    const fleet = (count: number) =>
      largeFleet(count, (index) => ({ driver, secret: `shop/${index}` }));
    expect(beyondLimits('Stack', made(fleet(35)))).toEqual([]);
    expect(() => made(fleet(37))).toThrow(
      /has 37 targets that Secrets Manager drives, with secrets outside rekey\/acme\/; expected/,
    );
  });
});

describe('secrets that policies name one by one', () => {
  const outside = (count: number) =>
    largeFleet(count, (index) => ({ secret: `shop/registry/team-${index}/images` }));

  test.each([15, 60, 100])('%i secrets outside the prefix fit into the policies', (count) => {
    expect(beyondLimits('Stack', made(outside(count), everything))).toEqual([]);
  });

  test('more than fit fail the synth with the next step', () => {
    expect(() => made(outside(350))).toThrow(
      /too many secrets one by one: Stack\/Rekey\/\w+\/Role would need more than 9/,
    );
  });

  test('200 admin secrets fit, and 400 do not', () => {
    const admins = (count: number) =>
      largeFleet(count, (index) => ({ admin: `rekey/admin/account-${index}` }));
    expect(beyondLimits('Stack', made(admins(200), everything))).toEqual([]);
    expect(() => made(admins(400))).toThrow(/too many secrets one by one: .* fewer admin secrets/);
  });

  test('each ARN is in one group, and each group is as full as it can be', () => {
    const arns = Array.from({ length: 500 }, (_, index) => ({
      text: String(index),
      length: 60 + (index % 7) * 20,
    }));
    const groups = packed(arns, 1000);
    expect(groups.flat()).toEqual(arns);
    const sizes = groups.map((group) => group.reduce((sum, { length }) => sum + length, 0));
    for (const size of sizes) expect(size).toBeLessThanOrEqual(1000);
    for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThan(1000 - 180);
  });
});
