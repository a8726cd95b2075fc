import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSimulatedAcmeRegistry } from '../../examples/own-provider/acme-vendor.ts';
import { SIMULATED } from '../../lib/cdk/worker-function.ts';
import type { SimulatedVendor } from '../../lib/sandbox/vendors/index.ts';
import { secretsOf } from '../support/canary.ts';
import { type Deployment, deploy, synthesise } from '../support/deployment.ts';
import { messageFor } from '../support/sqs-event.ts';

/*
 * The worker of a user's app, in a process of its own, with the provider of the user's repository:
 * examples/own-provider.
 */
let folder: string;
let here: Deployment;
let vendor: SimulatedVendor;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rekey-own-worker-'));
  const example = 'examples/own-provider';
  const props = {
    fleetFile: join(example, 'rekey.yaml'),
    providers: join(example, 'providers.ts'),
  };
  const synthesised = synthesise(folder, { [SIMULATED]: true }, props);
  here = await deploy(synthesised, { vendors: { 'acme-registry': createSimulatedAcmeRegistry } });
  const found = here.sandbox.vendors.find(({ provider }) => provider === 'acme-registry');
  if (!found) throw new Error('its vendor is not simulated');
  vendor = found;
});
afterEach(async () => {
  const written = here.output();
  const leaked = (await secretsOf(here)).filter((secret) => written.includes(secret));
  await here.close();
  rmSync(folder, { recursive: true });
  expect(leaked.length, 'secrets in what the processes wrote').toBe(0);
});

const alive = () => vendor.credentials().filter(({ state }) => state === 'enabled');

test('a worker issues, proves and stores a credential of a user’s own provider', async () => {
  const worker = await here.start('reconcile');
  const Records = [messageFor('build-images')];
  expect(await worker.answer({ Records }, { timeLeft: 600_000 })).toEqual({
    batchItemFailures: [],
  });
  expect(alive()).toHaveLength(1);
  const { SecretString = '' } = await here.clients.secretsManager.send(
    new GetSecretValueCommand({ SecretId: 'rekey/platform/build-images' }),
  );
  expect(JSON.parse(SecretString)).toMatchObject({ username: alive()[0]?.username });
});

test('an error of a user’s own provider has its code, as that of a missing right', async () => {
  const worker = await here.start('reconcile');
  vendor.faults.next(/^POST /, { status: 403 });
  const Records = [messageFor('build-images')];
  await worker.answer({ Records }, { timeLeft: 600_000 });
  expect(alive()).toEqual([]);
  expect(here.output()).toMatch(/"errorClass":"forbidden"/);
  expect(here.output()).toMatch(/acme-registry: create the token: /);
});
