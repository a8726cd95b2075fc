import { createServer } from 'node:https';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { Secret } from '../../lib/core/secret.ts';
import { createEngine } from '../../lib/wiring/engine.ts';
import { handmade } from '../http/server.ts';
import { authority } from '../support/certificates.ts';
import { some } from '../support/providers.ts';
import { createWorld } from '../support/world.ts';

const anywhere = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
};
const engineWith = (change: Pick<Parameters<typeof createEngine>[0], 'endpoints' | 'network'>) => {
  const engine = createEngine({
    secretsManager: new SecretsManagerClient(anywhere),
    eventBridge: new EventBridgeClient(anywhere),
    bus: 'default',
    ...change,
  });
  onTestFinished(() => engine.http.close?.());
  return engine;
};

const { signal } = new AbortController();

test('a deployed engine does not call its own machine, except simulated vendors', async () => {
  const received: string[] = [];
  const { url, host } = await handmade((request, response) => {
    received.push(request.url ?? '');
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
  });
  const request = { method: 'GET', url, idempotent: false, signal } as const;
  const question = { registry: host, username: 'u', password: new Secret('p'), realms: [] };
  for (const change of [
    {},
    {
      endpoints: { ionos: { api: 'https://proxy.example.com', registry: 'registry.example.com' } },
    },
    { network: { allow: ['10.0.0.0/8'] } },
  ]) {
    const engine = engineWith(change);
    await expect(engine.http.send(request)).rejects.toMatchObject({ code: 'refused-address' });
    expect(await engine.registry.check(question, signal)).toEqual({
      outcome: 'unknown',
      cause: 'refused-address',
    });
  }
  expect(received).toEqual([]);
  const simulated = engineWith({ endpoints: { ionos: { api: url, registry: host } } });
  expect(await simulated.http.send(request)).toMatchObject({ status: 401 });
  expect(
    await engineWith({ network: { allow: ['127.0.0.0/8'] } }).http.send(request),
  ).toMatchObject({ status: 401 });
});

test('a vendor with a private authority is called once the fleet names it', async () => {
  const { cert, issue } = authority();
  const server = createServer(issue(), (_request, response) => void response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const url = `https://localhost:${typeof address === 'object' ? address?.port : 0}/`;
  const request = { method: 'GET', url, idempotent: false, signal } as const;
  const allow = ['127.0.0.0/8'];
  await expect(engineWith({ network: { allow } }).http.send(request)).rejects.toMatchObject({
    code: 'unreachable',
  });
  expect(await engineWith({ network: { allow, ca: cert } }).http.send(request)).toMatchObject({
    status: 200,
  });
});

test('the error for a refused address names the setting, and nothing is lost', async () => {
  const world = await createWorld(some.disabling);
  onTestFinished(() => world.close());
  const { http } = engineWith({});
  const { steps } = await world.run({ ...world.worker(), http });
  expect(steps.at(-1)?.error).toMatchObject({
    code: 'refused-address',
    message: expect.stringContaining('network.allow'),
  });
  expect(world.events('Rotation Failed').map(({ detail }) => detail.data)).toMatchObject([
    { errorClass: 'refused-address', terminal: true },
  ]);
  await world.run();
  await world.live(3_600_000);
  await world.holds();
});
