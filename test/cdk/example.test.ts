import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { example, inApp } from './support/synthesis.ts';

test('the example app has two stacks: rekey, and a service that reads one secret', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-example-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await inApp(folder, {}, () => import('../../examples/own-cdk-app/app.ts'));
  const template = (name: string): string =>
    readFileSync(join(folder, `${name}.template.json`), 'utf8');
  expect(template('Registry').match(/"AWS::SecretsManager::Secret"/g)).toHaveLength(
    example.targets.length,
  );
  const { Resources } = JSON.parse(template('Shop')) as {
    Resources: Record<string, { Type: string; Properties: unknown }>;
  };
  const policies = Object.values(Resources).filter(({ Type }) => Type === 'AWS::IAM::Policy');
  expect(policies).toHaveLength(1);
  expect(JSON.stringify(policies).match(/Fn::ImportValue":"[^"]+/g)).toEqual([
    expect.stringContaining('Secretshopimages'),
  ]);
});
