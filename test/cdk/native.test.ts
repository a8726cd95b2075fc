import { readFileSync } from 'node:fs';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import {
  actionsOf,
  fleetFileOf,
  propertiesOf,
  statementsOf,
  synthesised,
  usual,
} from './support/synthesis.ts';

const example = readFileSync('examples/fleet.yaml', 'utf8');
const driven = fleetFileOf(
  example.replace('provider: huawei-swr-enterprise\n', '$&    driver: secrets-manager\n'),
);

const tags = {
  'aws:ResourceTag/rekey:fleet': 'demo',
  'aws:ResourceTag/rekey:driver': 'secrets-manager',
};

describe('a target that Secrets Manager drives', () => {
  const { template } = synthesised({ fleetFile: driven });

  test('the rotation schedule of a driven target starts after rekey’s own rotation', () => {
    template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 1);
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotateImmediatelyOnUpdate: false,
      RotationRules: { AutomaticallyAfterDays: 31 },
    });
  });

  test('Secrets Manager may call the native function for the driven secret only', () => {
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: Match.anyValue(),
      SourceArn: { Ref: Match.stringLikeRegexp('Secretfactoryimages') },
    });
  });

  test('the native function may use its own secrets only', () => {
    const values = statementsOf(template, 'nativerotationRole').filter(({ Action }) =>
      [Action].flat().includes('secretsmanager:GetSecretValue'),
    );
    const resources = values
      .flatMap(({ Resource }) => [Resource].flat())
      .map((resource) => JSON.stringify(resource));
    expect(resources.filter((resource) => resource.includes('rekey/admin/huawei'))).toHaveLength(2);
    expect(resources.filter((resource) => resource.includes(':secret:rekey/demo/*'))).toHaveLength(
      1,
    );
    expect(resources).toHaveLength(3);
    const [own] = values.filter(({ Resource }) => JSON.stringify(Resource).includes('/demo/*'));
    expect(own?.Condition).toEqual({ StringEquals: tags });
    expect(actionsOf(template, 'nativerotationRole', 'secretsmanager:')).not.toContain(
      'secretsmanager:RotateSecret',
    );
  });

  test('the worker may start the rotation of the driven secret only', () => {
    const asks = statementsOf(template, 'reconcileRole').filter(({ Action }) =>
      [Action].flat().includes('secretsmanager:RotateSecret'),
    );
    expect(asks).toHaveLength(1);
    expect(asks[0]?.Condition).toEqual({
      StringEquals: tags,
      StringEqualsIfExists: {
        'secretsmanager:RotationLambdaARN': {
          'Fn::GetAtt': [expect.stringMatching(/nativerotation/), 'Arn'],
        },
      },
    });
    expect(JSON.stringify(asks[0]?.Resource)).toContain(':secret:rekey/demo/*');
  });

  test('only the driven secret has the tag on which these rights depend', () => {
    const driver = { Key: 'rekey:driver', Value: 'secrets-manager' };
    const secrets = template.findResources('AWS::SecretsManager::Secret');
    const found = Object.entries(secrets).filter(([, { Properties }]) =>
      JSON.stringify(Properties.Tags).includes(JSON.stringify(driver)),
    );
    expect(found).toEqual([[expect.stringMatching(/Secretfactoryimages/), expect.anything()]]);
  });
});

test('there is no native function without driven targets, or in a dry run', () => {
  for (const { template } of [usual(), synthesised({ fleetFile: driven, dryRun: true })]) {
    template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
    expect(
      propertiesOf(template, 'AWS::Lambda::Permission').map(({ Principal }) => Principal),
    ).not.toContain('secretsmanager.amazonaws.com');
  }
});
