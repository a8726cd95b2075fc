import { inspect } from 'node:util';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../lib/sandbox/faults.ts';
import { ask, encoded, listen, password, pull, registryHost } from './hosts.ts';

describe('the canary does not appear in a verdict', () => {
  /** A registry that echoes everything it received, everywhere it can. */
  const echo = `${password} ${encoded}`;
  const shown = (value: unknown) =>
    `${JSON.stringify(value)} ${inspect(value, { depth: 9, showHidden: true })}`;
  const clean = (text: string) => {
    for (const canary of [
      password,
      JSON.stringify(password).slice(1, -1),
      encoded,
      encodeURIComponent(password),
    ]) {
      expect(text).not.toContain(canary);
    }
  };

  const body = JSON.stringify({ errors: [{ code: echo, message: echo }], token: echo });
  test.each<[string, Fault]>([
    ...[200, 301, 400, 401, 403, 404, 429, 500].map((status): [string, Fault] => [
      `a ${status} that echoes`,
      { status, headers: { 'content-type': `text/${encoded}`, location: `/${encoded}` }, body },
    ]),
    ['a cut connection', { cut: 'before' }],
    ['a truncated answer', { truncate: true }],
    ['silence', { hang: true }],
  ])('the canary password does not appear in the verdict after %s', async (_name, fault) => {
    for (const pattern of [/v2.$/, /auth/, /HEAD/]) {
      const { host, faults } = await registryHost({ errors: 'quay' });
      faults.next(pattern, fault, 3);
      clean(shown(await ask(host, { access: pull, manifest: 'latest' }, { deadline: 150 })));
    }
  });

  test('a check that is aborted halfway throws the reason of the signal', async () => {
    const controller = new AbortController();
    const over = new Error('the time of the run is over');
    const app = new Hono();
    app.use('*', () => {
      controller.abort(over);
      return new Promise(() => {});
    });
    const { host } = await listen(app);
    const error = await ask(host, {}, {}, controller.signal).catch((caught: unknown) => caught);
    expect(error).toBe(over);
    clean(shown(error));
  });

  test('a check that is aborted before it starts sends nothing', async () => {
    const { host, requests } = await registryHost();
    await expect(ask(host, {}, {}, AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
    expect(requests).toEqual([]);
  });
});
