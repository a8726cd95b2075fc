import { UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { labels } from '../../lib/core/ledger/index.ts';
import { paramsOf } from '../support/providers.ts';
import { aTarget, HOUR } from '../support/snapshot.ts';
import { openSetup, type Setup } from './setup.ts';

const params = paramsOf(aTarget().provider);
const target = aTarget({ params, liveAtOnce: 20, verify: { within: 0, every: HOUR } });
let setup: Setup;

/** The ledger says that the registry refused the current credential twice; now it accepts it. */
beforeEach(async () => {
  setup = await openSetup({ id: 'acme', targets: [target] });
  await setup.round();
  setup.pass(HOUR);
  const { current } = await setup.ledger(target.secret);
  await setup.clients.secretsManager.send(
    new UpdateSecretVersionStageCommand({
      SecretId: target.secret,
      VersionStage: labels.refused(current?.id ?? '', setup.clock.now(), 2, 'cafe0001'),
      MoveToVersionId: current?.id ?? '',
    }),
  );
});
afterEach(() => setup.close());

const message = (more: object) => [{ target: target.name, correlationId: 'test', ...more }];
const refused = async () => (await setup.ledger(target.secret)).current?.refused !== undefined;

test('a worker acts on a recorded refusal only if the message says so', async () => {
  const calls = () => setup.vendor(target.provider).requests.length;
  const before = calls();
  await setup.deliver(message({}));
  await setup.deliver(message({ request: true }));
  expect([calls(), await refused()]).toEqual([before, true]);
  await setup.deliver(message({ believed: true }));
  // it checked again first
  expect([calls() > before, await refused()]).toEqual([true, false]);
});

test('the sweep function marks the only refused target of a registry as believed', async () => {
  const messages = await setup.sweep();
  expect(messages.filter((body) => 'target' in body)).toMatchObject([
    { target: target.name, believed: true },
  ]);
});
