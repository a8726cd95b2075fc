import { readFileSync } from 'node:fs';
import { type App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, test } from 'vitest';
import { type FleetFile, Rekey, type RekeyProps } from '../../lib/cdk/index.ts';
import { stackNumber } from '../../lib/cdk/secret-stacks.ts';
import { beyondLimits, largeFleet } from './support/limits.ts';
import { anApp } from './support/synthesis.ts';

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
  readonly Properties: Readonly<Record<string, unknown>>;
}
type Deployed = Readonly<Record<string, Readonly<Record<string, Resource>>>>;

const made = (fleet: FleetFile, more: Partial<RekeyProps> = {}, app: App = anApp()) => {
  const stack = new Stack(app, 'Rekey');
  const rekey = new Rekey(stack, 'Rekey', { fleet, ...more });
  return { app, stack, rekey };
};

/** The resources of every stack, keyed by its name. */
const deployed = (fleet: FleetFile, more: Partial<RekeyProps> = {}): Deployed =>
  Object.fromEntries(
    made(fleet, more)
      .app.synth()
      .stacks.map(({ stackName, template }) => [stackName, template.Resources ?? {}]),
  );

/** The place of each secret, its stack and logical id, keyed by the name of the secret. */
const placesOf = (stacks: Deployed): ReadonlyMap<unknown, string> =>
  new Map(
    Object.entries(stacks).flatMap(([stack, resources]) =>
      Object.entries(resources)
        .filter(([, { Type }]) => Type === 'AWS::SecretsManager::Secret')
        .map(([id, { Properties }]) => [Properties.Name, `${stack} ${id}`] as const),
    ),
  );

const names = (count: number) => largeFleet(count).targets.map(({ name }) => name);

describe('1,500 targets in eight stacks', () => {
  const { app, rekey } = made(largeFleet(1500), { secretStacks: 8 });
  const { stacks } = app.synth();

  test('each template stays below the limits of AWS', () => {
    expect(stacks.map(({ stackName }) => stackName)).toHaveLength(9);
    const found = stacks.flatMap(({ stackName, templateFullPath }) =>
      beyondLimits(stackName, readFileSync(templateFullPath, 'utf8')),
    );
    expect(found).toEqual([]);
  });

  test('there is one bus, one work queue, one dashboard and one set of alarms', () => {
    const all = stacks.flatMap(({ template }) => Object.values(template.Resources as Resource[]));
    const count = (type: string) => all.filter(({ Type }) => Type === type).length;
    expect(count('AWS::SecretsManager::Secret')).toBe(1500);
    expect(count('AWS::Events::EventBus')).toBe(1);
    expect(count('AWS::CloudWatch::Dashboard')).toBe(1);
    expect(count('AWS::CloudWatch::Alarm')).toBe(rekey.alarms.length);
    const main = stacks.find(({ stackName }) => stackName === 'Rekey');
    expect(JSON.stringify(main?.template)).not.toContain('AWS::SecretsManager::Secret"');
  });

  test('the stacks of the secrets are deployed first, and export nothing', () => {
    const main = stacks.find(({ stackName }) => stackName === 'Rekey');
    const before = main?.dependencies.map(({ id }) => id).filter((id) => id.includes('Secrets'));
    expect(before).toHaveLength(8);
    for (const { template } of stacks) expect(JSON.stringify(template)).not.toContain('"Export"');
  });
});

describe('the stack of a secret', () => {
  test('a secret stays in its stack from 400 targets to 10,000, in any order', () => {
    const few = names(400).map((name) => stackNumber(name, 32));
    expect(
      names(10_000)
        .map((name) => stackNumber(name, 32))
        .slice(0, 400),
    ).toEqual(few);
    // frozen: another number would move secrets
    expect(few.slice(0, 8)).toMatchInlineSnapshot(`
      [
        1,
        9,
        10,
        30,
        13,
        27,
        28,
        15,
      ]
    `);
  });

  test('10,000 targets fill 32 stacks evenly, with room for 12,500', () => {
    const fullest = (count: number) => {
      const groups = Map.groupBy(names(count), (name) => stackNumber(name, 32));
      return Math.max(...[...groups.values()].map(({ length }) => length));
    };
    expect(fullest(10_000)).toBeLessThan(400);
    expect(fullest(12_500)).toBeLessThanOrEqual(490);
  });

  test('with twice as many stacks a secret stays, or moves to a new stack', () => {
    for (const name of names(2000)) {
      const [before, after] = [stackNumber(name, 8), stackNumber(name, 16)];
      expect([before, before + 8]).toContain(after);
    }
  });
});

describe('a change of a fleet with stacks of secrets', () => {
  const fleet = largeFleet(60);
  const added = { ...fleet, targets: largeFleet(61).targets };
  const before = deployed(fleet, { secretStacks: 4 });

  test('one target more is one secret more, and the code of the functions', () => {
    const after = deployed(added, { secretStacks: 4 });
    const changes = Object.entries(after).flatMap(([stack, resources]) =>
      Object.entries(resources).flatMap(([id, now]) => {
        const was = before[stack]?.[id];
        if (!was) return [`+ ${now.Type}`];
        const changed = Object.keys({ ...was, ...now, ...was.Properties, ...now.Properties })
          .filter((key) => key !== 'Properties')
          .filter((key) => {
            const of = (one: Resource) =>
              JSON.stringify({ ...one, ...one.Properties }[key as never]);
            return of(was) !== of(now);
          });
        return changed.map((key) => `~ ${now.Type} ${key}`);
      }),
    );
    const functions = ['Code', 'Environment'].flatMap((key) =>
      Array(3).fill(`~ AWS::Lambda::Function ${key}`),
    );
    expect(changes.sort()).toEqual(['+ AWS::SecretsManager::Secret', ...functions].sort());
  });

  test('one target less moves no other secret', () => {
    const { targets } = fleet;
    const fewer = deployed({ ...fleet, targets: targets.slice(1) as never }, { secretStacks: 4 });
    const [all, left] = [placesOf(before), placesOf(fewer)];
    expect(left.size).toBe(all.size - 1);
    for (const [name, place] of left) expect(all.get(name)).toBe(place);
  });
});

describe('a move from one stack to several', () => {
  const fleet = largeFleet(60, (index) =>
    index === 7 ? { driver: 'secrets-manager' } : index === 8 ? { secret: 'shop/eight' } : {},
  );
  const [one, several] = [deployed(fleet), deployed(fleet, { secretStacks: 4 })];
  const secretsIn = (stacks: Deployed) =>
    Object.values(stacks)
      .flatMap((resources) => Object.values(resources))
      .filter(({ Type }) => Type === 'AWS::SecretsManager::Secret')
      .map(({ Metadata: _, ...rest }: Resource & { Metadata?: unknown }) => rest)
      .sort((a, b) => String(a.Properties.Name).localeCompare(String(b.Properties.Name)));

  test('every secret is in both shapes, equal in all properties and retained', () => {
    expect(secretsIn(several)).toEqual(secretsIn(one));
    expect(secretsIn(one)).toHaveLength(60);
    for (const { DeletionPolicy } of secretsIn(one)) expect(DeletionPolicy).toBe('Retain');
  });

  test('all other resources keep their stack, logical id and rights', () => {
    const rest = (resources: Deployed[string] = {}) =>
      Object.fromEntries(
        Object.entries(resources)
          .filter(([, { Type }]) => Type !== 'AWS::SecretsManager::Secret')
          .map(([id, { Type, Properties }]) => [
            id,
            // these name the driven secret in another way
            /RotationSchedule|Lambda::Permission/.test(Type) ? { Type } : { Type, Properties },
          ]),
      );
    expect(rest(several.Rekey)).toEqual(rest(one.Rekey));
  });
});

describe('what uses a secret of another stack', () => {
  const fleet = largeFleet(3, (index) => (index === 1 ? { driver: 'secrets-manager' } : {}));
  const [first = '', driven = ''] = fleet.targets.map(({ name }) => name);

  test('a reader in another stack gets rights without an export that would block', () => {
    const { app, rekey } = made(fleet, { secretStacks: 2 });
    const shop = new Stack(app, 'Shop');
    const role = new Role(shop, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    rekey.grantRead(first, role);
    expect(rekey.secretOf(first).secretArn).toBeTruthy();
    Template.fromStack(shop).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Resource: {
              'Fn::GetStackOutput': Match.objectLike({
                StackName: `Rekey-Secrets-${stackNumber(first, 2)}`,
              }),
            },
          }),
        ],
      },
    });
    for (const { template } of app.synth().stacks)
      expect(JSON.stringify(template)).not.toContain('"Export"');
  });

  test('subscriptions work as in one stack', () => {
    const { stack, rekey } = made(fleet, { secretStacks: 2 });
    rekey.onRotated(first, { target: new SqsQueue(new Queue(stack, 'Queue')) });
    expect(() => rekey.secretOf('none')).toThrow(/no target "none"/);
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.objectLike({ detail: { metadata: { target: [first] } } }),
    });
  });

  test('the schedule of a driven secret is with the function, and names the secret', () => {
    const template = Template.fromStack(made(fleet, { secretStacks: 2 }).stack);
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      SecretId: `rekey/acme/${driven}`,
    });
    const permission = JSON.stringify(template.findResources('AWS::Lambda::Permission'));
    expect(permission).toContain(`:secret:rekey/acme/${driven}-??????`);
  });

  test('a key that is made in the main stack is refused, one of another stack is used', () => {
    const app = anApp();
    const stack = new Stack(app, 'Rekey');
    const props = { fleet, secretStacks: 2 };
    const inside = new Key(stack, 'Key');
    expect(() => new Rekey(stack, 'Rekey', { ...props, encryptionKey: inside })).toThrow(
      /encryptionKey of Rekey is a key made in the stack Rekey; expected one from another stack/,
    );
    const outside = new Key(new Stack(app, 'Keys'), 'Key');
    const other = new Stack(app, 'Other');
    new Rekey(other, 'Rekey', { ...props, encryptionKey: outside });
    expect(() => app.synth()).not.toThrow();
  });
});
