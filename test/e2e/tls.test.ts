import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Secret } from '../../lib/core/secret.ts';
import { createHttp } from '../../lib/http/client.ts';
import { LOOPBACK } from '../../lib/http/guard.ts';
import { createRegistryCheck } from '../../lib/registry/check.ts';
import { succeed } from './support/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-tls-'));
const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
const seen: string[] = [];
let server: ReturnType<typeof createServer>;
let port: number;

beforeAll(async () => {
  const subject = [
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
  ];
  await succeed('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '1',
    '-keyout',
    key,
    '-out',
    certificate,
    ...subject,
  ]);
  server = createServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    ({ headers }, response) => {
      seen.push(JSON.stringify(headers));
      response.writeHead(200).end('{}');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

test('a vendor with an untrusted certificate receives no request', async () => {
  const http = createHttp({ allow: LOOPBACK, attempts: 1 });
  const signal = new AbortController().signal;
  const headers = { authorization: 'Bearer canary' };
  const call = http.send({
    method: 'GET',
    url: `https://127.0.0.1:${port}/`,
    headers,
    idempotent: true,
    signal,
  });
  await expect(call).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('SELF_SIGNED'),
  });
  expect(seen).toEqual([]);
});

test('a registry with an untrusted certificate is inconclusive and sees no password', async () => {
  const registry = createRegistryCheck({
    http: createHttp({ allow: LOOPBACK, attempts: 1 }),
    now: () => new Date(),
  });
  const question = {
    registry: `localhost:${port}`,
    username: 'user',
    password: new Secret('canary'),
    realms: [],
  };
  expect(await registry.check(question, new AbortController().signal)).toMatchObject({
    outcome: 'unknown',
    cause: 'unreachable',
  });
  expect(seen).toEqual([]);
});
