import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { RekeyError } from '../../lib/core/errors.ts';
import { authority } from '../support/certificates.ts';
import { hostile, misdeeds } from '../support/hostile.ts';
import { client, get, post } from './server.ts';

// the test’s own timeout catches a call that never settles; nothing else here measures time
const DEADLINE = 150;
const canary = 'canary-7f3a';
const headers = { authorization: `Bearer ${canary}` };

const failed = async (sent: Promise<unknown>): Promise<RekeyError> => {
  const error = await sent.then(() => undefined).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(RekeyError);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(canary);
  return error as RekeyError;
};

describe.each(Object.entries(misdeeds))(
  'a call to a server that %s ends as unreachable',
  (_name, misdeed) => {
    test('a call to a hostile server ends as unreachable, even if it may be repeated', async () => {
      const { host } = await hostile(misdeed);
      const error = await failed(
        client({ deadline: DEADLINE }).send(get(`http://${host}/${canary}`, { headers })),
      );
      expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining(host) });
    });

    test('a create at a hostile server ends as unreachable, and is sent once', async () => {
      const { host, requests } = await hostile(misdeed);
      const error = await failed(
        client({ deadline: DEADLINE }).send(post(`http://${host}/`, { headers })),
      );
      expect(error).toMatchObject({ code: 'unreachable' });
      expect(requests.length).toBeLessThanOrEqual(1);
    });

    test('a call to a hostile server behind TLS ends as unreachable', async () => {
      const ca = authority();
      const { host } = await hostile(misdeed, ca.issue());
      const error = await failed(
        client({ deadline: DEADLINE * 2, ca: ca.cert }).send(get(`https://${host}/`, { headers })),
      );
      expect(error).toMatchObject({ code: 'unreachable' });
    });
  },
);

test('an answer of 101 is distinguished from silence', async () => {
  const { host } = await hostile(misdeeds['switches protocols (101)'] ?? (() => undefined));
  const error = await failed(client({ attempts: 1 }).send(get(`http://${host}/`)));
  expect(error.message).toBe(`${host} could not be reached (it closed the connection)`);
});

test('an aborted call ends at once, even if the server keeps sending', async () => {
  const over = new Error('over');
  for (const misdeed of Object.values(misdeeds)) {
    const { host } = await hostile(misdeed);
    const giveUp = new AbortController();
    const sent = client({ attempts: 1000 }).send(get(`http://${host}/`, { signal: giveUp.signal }));
    setTimeout(() => giveUp.abort(over), 20);
    // the server may be done before
    await expect(
      sent.catch((error: unknown) => (error instanceof RekeyError ? over : error)),
    ).resolves.toBe(over);
  }
});

test('a second answer on a kept connection is not used for the next call', async () => {
  const twice = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfirst';
  const { host, requests } = await hostile((socket) => {
    socket.write(`${twice}${twice.replace('first', 'wrong')}`);
    return undefined;
  });
  const http = client();
  expect((await http.send(get(`http://${host}/`))).body).toBe('first');
  expect((await http.send(get(`http://${host}/`))).body).toBe('first');
  expect(requests).toHaveLength(2);
});
