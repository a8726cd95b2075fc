import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

test('the example app has two stacks: rekey, and a service that reads one secret', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-example-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const env = {
    ...process.env,
    CDK_OUTDIR: folder,
    CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [] }),
  };
  await promisify(execFile)(process.execPath, ['examples/own-cdk-app/app.ts'], { env });
  const template = (name: string): string =>
    readFileSync(join(folder, `${name}.template.json`), 'utf8');
  expect(template('Registry').match(/"AWS::SecretsManager::Secret"/g)).toHaveLength(9);
  const { Resources } = JSON.parse(template('Shop')) as {
    Resources: Record<string, { Type: string; Properties: unknown }>;
  };
  const policies = Object.values(Resources).filter(({ Type }) => Type === 'AWS::IAM::Policy');
  expect(policies).toHaveLength(1);
  expect(JSON.stringify(policies).match(/Fn::ImportValue":"[^"]+/g)).toEqual([
    expect.stringContaining('Secretshopimages'),
  ]);
});
