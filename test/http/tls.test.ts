import { createServer as createPlain } from 'node:net';
import tls, { createServer, type TlsOptions } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { authority } from '../support/certificates.ts';
import { client, get } from './server.ts';

const headers = { authorization: 'Bearer canary-7f3a' };

/** A TLS server that answers every request and counts what it received. */
async function secured(options: TlsOptions) {
  const seen: string[] = [];
  const server = createServer(options, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      seen.push(data.toString());
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { url: `https://127.0.0.1:${port}/`, port, seen };
}

const ask = (url: string, ca?: string) => client({ attempts: 1, ca }).send(get(url, { headers }));

test('a private authority is not trusted by default, and the error names network.ca', async () => {
  const { url, seen } = await secured(authority().issue());
  await expect(ask(url)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(/UNABLE_TO_VERIFY_LEAF_SIGNATURE.*network\.ca/),
  });
  expect(seen).toEqual([]);
});

test('a server is trusted, by address and name, once network.ca names its authority', async () => {
  const ca = authority();
  const { url, port, seen } = await secured(ca.issue(['localhost']));
  expect(await ask(url, ca.cert)).toMatchObject({ status: 200 });
  expect(await ask(`https://localhost:${port}/`, ca.cert)).toMatchObject({ status: 200 });
  expect(seen).toHaveLength(2);
});

test('a certificate of another authority with the same name is refused', async () => {
  const { url, seen } = await secured(authority().issue());
  await expect(ask(url, authority().cert)).rejects.toMatchObject({ code: 'unreachable' });
  expect(seen).toEqual([]);
});

test('a certificate for another host is refused', async () => {
  const ca = authority();
  const { port, seen } = await secured(ca.issue(['registry.example.com']));
  await expect(ask(`https://localhost:${port}/`, ca.cert)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
  });
  expect(seen).toEqual([]);
});

test('NODE_TLS_REJECT_UNAUTHORIZED=0 does not make an unknown certificate trusted', async () => {
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  onTestFinished(() => {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
  });
  const { url, seen } = await secured(authority().issue());
  await expect(ask(url)).rejects.toMatchObject({ code: 'unreachable' });
  expect(seen).toEqual([]);
});

test('TLS older than 1.2 is refused, even if Node would accept it', async () => {
  const before = [tls.DEFAULT_MIN_VERSION, tls.DEFAULT_CIPHERS] as const;
  const ciphers = 'DEFAULT@SECLEVEL=0';
  [tls.DEFAULT_MIN_VERSION, tls.DEFAULT_CIPHERS] = ['TLSv1', ciphers];
  onTestFinished(() => {
    [tls.DEFAULT_MIN_VERSION, tls.DEFAULT_CIPHERS] = before;
  });
  const ca = authority();
  const { url, seen } = await secured({
    ...ca.issue(),
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers,
  });
  await expect(ask(url, ca.cert)).rejects.toMatchObject({ code: 'unreachable' });
  expect(seen).toEqual([]);
});

test('the deadline ends a TLS handshake that never ends', async () => {
  const server = createPlain((socket) => void socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  await expect(client({ deadline: 100 }).send(get(url))).rejects.toMatchObject({
    code: 'unreachable',
  });
});
