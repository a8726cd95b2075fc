import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, test } from 'vitest';
import { Rekey } from '../../lib/cdk/rekey.ts';
import { outbound, requesterTypes } from '../../lib/core/events/index.ts';
import { eventPattern } from '../../lib/sandbox/aws/events/event-pattern.ts';
import { anApp, propertiesOf, type Statement, usual } from './support/synthesis.ts';

/** A deployment, used by a queue and a role of the same app. */
function used(use: (rekey: Rekey, queue: Queue, role: Role) => void) {
  const stack = new Stack(anApp(), 'Stack');
  const rekey = new Rekey(stack, 'Rekey', { fleetFile: 'examples/fleet.yaml' });
  const role = new Role(stack, 'Person', { assumedBy: new ServicePrincipal('ec2') });
  use(rekey, new Queue(stack, 'Queue'), role);
  return Template.fromStack(stack);
}

const statements = (template: Template): readonly Statement[] =>
  propertiesOf(template, 'AWS::IAM::Policy')
    .filter(({ Roles }) => JSON.stringify(Roles).includes('Person'))
    .flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: Statement[] }).Statement);

const event = (type: string, target: string) => ({
  source: 'rekey',
  'detail-type': type,
  detail: { metadata: { target } },
});

describe('a subscription to rotations', () => {
  const patterns = (template: Template) =>
    propertiesOf(template, 'AWS::Events::Rule')
      .filter(({ Targets }) => JSON.stringify(Targets).includes('"Queue'))
      .map(({ EventPattern }) => eventPattern(JSON.stringify(EventPattern)));

  test('a subscription to one target gets its rotations and rollbacks, and nothing else', () => {
    const template = used((rekey, queue) =>
      rekey.onRotated('shop-images', { target: new SqsQueue(queue) }),
    );
    const [matches] = patterns(template);
    const heard = Object.keys(outbound).filter((type) => matches?.(event(type, 'shop-images')));
    expect(heard).toEqual(['Credential Rotated', 'Rolled Back']);
    expect(matches?.(event('Credential Rotated', 'other'))).toBe(false);
    expect(matches?.({ ...event('Rolled Back', 'shop-images'), source: 'forged' })).toBe(false);
  });

  test('a subscription to every target gets the rotations of each', () => {
    const template = used((rekey, queue) =>
      rekey.onAnyRotated({ target: new SqsQueue(queue), description: 'all of them' }),
    );
    const [matches] = patterns(template);
    expect(matches?.(event('Credential Rotated', 'shop-images'))).toBe(true);
    expect(matches?.(event('Credential Rotated', 'lab-images'))).toBe(true);
    expect(matches?.(event('Credential Revoked', 'lab-images'))).toBe(false);
  });

  test('two subscriptions to one target have rules of their own', () => {
    const template = used((rekey, queue) => {
      for (let time = 0; time < 2; time++)
        rekey.onRotated('shop-images', { target: new SqsQueue(queue) });
    });
    expect(patterns(template)).toHaveLength(2);
  });

  test('a subscription to an unknown target names the known ones', () => {
    used((rekey, queue) => {
      const target = new SqsQueue(queue);
      expect(() => rekey.onRotated('shop', { target })).toThrow(
        /no target "shop"; expected one of .*shop-images/,
      );
    });
  });
});

describe('the rights of people', () => {
  test('a requester may put requests on the bus, and no event of rekey', () => {
    const template = used((rekey, _queue, role) => rekey.grantRequest(role));
    expect(statements(template)).toMatchObject([
      {
        Action: 'events:PutEvents',
        Condition: {
          StringEquals: { 'events:detail-type': requesterTypes },
          'ForAllValues:StringNotEquals': { 'events:source': 'rekey' },
        },
      },
    ]);
    expect(requesterTypes).not.toContain('Compromise Confirmed');
  });

  test('an operator may list, describe and request, and read no value', () => {
    const template = used((rekey, _queue, role) => rekey.grantOperate(role));
    const actions = statements(template).flatMap(({ Action }) => Action);
    expect(actions.sort()).toEqual([
      'events:DescribeEventBus',
      'events:PutEvents',
      'secretsmanager:DescribeSecret',
      'secretsmanager:ListSecrets',
    ]);
    const [describing] = statements(template).filter(({ Action }) =>
      [Action].flat().includes('secretsmanager:DescribeSecret'),
    );
    expect(JSON.stringify(describing?.Resource)).toContain(':secret:rekey/demo/*');
    expect(JSON.stringify(describing?.Resource)).not.toContain('admin');
  });
});

test('a deployment prints its bus, its dashboard and the command for its state', () => {
  const { template } = usual();
  const outputs = Object.keys(template.findOutputs('*'));
  expect(outputs.map((id) => id.replace(/^Rekey|[0-9A-F]{8}$/g, ''))).toEqual(
    expect.arrayContaining(['BusName', 'DashboardUrl', 'StatusCommand']),
  );
  expect(JSON.stringify(template.findOutputs('*'))).toContain('rekey --fleet');
});
