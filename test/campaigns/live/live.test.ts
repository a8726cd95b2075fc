import { describe, expect, onTestFinished, test } from 'vitest';
import { MINUTE } from '../../../lib/core/time.ts';
import { createHttp } from '../../../lib/http/client.ts';
import { LOOPBACK } from '../../../lib/http/guard.ts';
import { manualClock } from '../../../lib/kit/testing/index.ts';
import { providers } from '../../../lib/providers/index.ts';
import { vendors } from '../../../lib/sandbox/vendors/index.ts';
import { can, providersThat, some } from '../../support/providers.ts';
import { accountOf } from './account.ts';
import { checkLive } from './live.ts';
import { printer } from './report.ts';

/** A run against the simulated vendor of a provider, in place of the real one. */
async function open(name: string) {
  const [provider, create] = [providers[name], vendors[name]];
  if (!provider || !create) throw new Error(`no provider ${name}`);
  const clock = manualClock();
  const vendor = create({ clock });
  const { endpoint: api, registry, close } = await vendor.start();
  const http = createHttp({ allow: LOOPBACK, now: clock.now, sleep: clock.sleep });
  onTestFinished(async () => void (await Promise.all([close(), http.close()])));
  const { admin, params } = vendor;
  const given = { provider, admin, params, within: 5 * MINUTE };
  const account = await accountOf(given, { http, clock, at: { api, registry } });
  const lines: string[] = [];
  const [steps, cleaning] = [new AbortController(), new AbortController()];
  const run = () =>
    checkLive(account, {
      print: (line) => void lines.push(line),
      signal: steps.signal,
      cleaning: cleaning.signal,
    });
  const alive = () => vendor.credentials().filter(({ state }) => /abled$/.test(state));
  return {
    vendor,
    provider,
    account,
    lines,
    run,
    alive,
    interrupt: () => steps.abort(),
    giveUp: () => cleaning.abort(),
  };
}

const usual = [some.deleting, some.disabling];

describe.each(Object.keys(vendors))('npm run live -- --provider %s', (name) => {
  test('passes at the simulated vendor, and leaves what it found', async () => {
    const { vendor, provider, lines, run, alive } = await open(name);
    if (provider.find && !can(name).cramped) vendor.plant('somebody-elses');
    const before = alive().map(({ id }) => id);
    const { failed, good } = await run();
    expect(lines.filter((line) => /^FAILED/.test(line))).toEqual([]);
    expect({ failed, good }).toEqual({ failed: 0, good: true });
    expect(lines.join('\n')).toMatch(/^ok {6}a wrong admin credential is refused/m);
    if (provider.revoke) expect(alive().map(({ id }) => id)).toEqual(before);
  });

  test('prints no secret', async () => {
    const { account, lines, run } = await open(name);
    const sent: string[] = [];
    const { send } = account.http;
    Object.assign(account.http, {
      send: async (request: Parameters<typeof send>[0]) => {
        sent.push(request.headers?.authorization ?? '');
        return send(request);
      },
    });
    await run();
    const headers = sent.filter((text) => text !== '');
    const passwords = headers.flatMap((text) => {
      const [kind, pair = ''] = text.split(' ');
      return kind === 'Basic' ? Buffer.from(pair, 'base64').toString().split(':').slice(-1) : [];
    });
    expect(headers.length).toBeGreaterThan(0);
    for (const secret of [...account.secrets, ...headers, ...passwords])
      expect(lines.join('\n')).not.toContain(secret);
  });
});

test.each(providersThat({ revokes: true }))('live waits for the registry of %s', async (name) => {
  const { vendor, lines, run } = await open(name);
  Object.assign(vendor.behaviour.delays, { create: MINUTE, disable: MINUTE, delete: MINUTE });
  expect(await run()).toMatchObject({ failed: 0, good: true });
  expect(lines.join('\n')).toMatch(/^ok {6}the registry refuses it, 6\d\.0 s$/m);
});

describe.each(usual)('npm run live -- --provider %s, where something fails', (name) => {
  test('issues nothing if the admin credential is refused', async () => {
    const { vendor, account, lines, run } = await open(name);
    Object.assign(account, { admin: account.wrongAdmin });
    expect(await run()).toMatchObject({ failed: 1, good: false, left: [] });
    expect(lines[1]).toMatch(/^FAILED {2}check accepts .* \(admin-refused\)$/);
    expect(vendor.credentials()).toEqual([]);
  });

  test('revokes a credential whose answer was lost', async () => {
    const { vendor, run, alive } = await open(name);
    vendor.faults.next(/^POST /, { cut: 'after' });
    expect(await run()).toMatchObject({ good: false, left: [] });
    expect(vendor.credentials().length).toBeGreaterThan(0);
    expect(alive()).toEqual([]);
  });

  test('revokes everything after an interruption', async () => {
    const { vendor, lines, run, alive, interrupt } = await open(name);
    vendor.registryFaults.next(/./, { hang: true });
    const running = run();
    await expect.poll(() => alive().length, { timeout: 60_000 }).toBe(1);
    interrupt();
    expect(await running).toMatchObject({ good: false, left: [] });
    expect(lines.join('\n')).toMatch(/^FAILED {2}.*: interrupted$/m);
    expect(alive()).toEqual([]);
  });

  test('says what to delete after a second interruption', async () => {
    const { vendor, lines, run, alive, interrupt, giveUp } = await open(name);
    vendor.registryFaults.next(/./, { hang: true });
    const running = run();
    await expect.poll(() => alive().length, { timeout: 60_000 }).toBe(1);
    giveUp();
    interrupt();
    const { good, left } = await running;
    expect({ good, left }).toMatchObject({ good: false, left: [expect.any(String)] });
    const prefix = alive()[0]?.label.slice(0, -32);
    expect(left[0]).toContain(`begins with ${prefix}`);
    expect(lines.join('\n')).toContain(left[0]);
  });

  test('revokes nothing else if the provider’s find returns everything', async () => {
    const { vendor, account, provider, lines, run, alive } = await open(name);
    const stranger = vendor.plant('somebody-elses').id;
    const find = (call: Parameters<typeof provider.check>[0]) =>
      provider.find?.(call, { prefix: '' }) ?? [];
    Object.assign(account, { provider: { ...provider, find } });
    expect(await run()).toMatchObject({ good: false, left: [] });
    expect(lines.join('\n')).toMatch(/^FAILED {2}find returns nothing under new labels/m);
    expect(alive().map(({ id }) => id)).toEqual([stranger]);
  });

  test('names each credential that it cannot revoke', async () => {
    const { vendor, lines, run, alive } = await open(name);
    vendor.faults.next(/^DELETE /, { status: 500 }, 999);
    const { good, left } = await run();
    expect(good).toBe(false);
    expect(left).toHaveLength(alive().length);
    for (const { id } of alive()) expect(lines.join('\n')).toContain(id);
  });

  test('fails if the registry never refuses a revoked credential', async () => {
    const { vendor, lines, run, alive } = await open(name);
    vendor.behaviour.delays.delete = Number.MAX_SAFE_INTEGER;
    expect(await run()).toMatchObject({ failed: 1, good: false });
    expect(lines.join('\n')).toMatch(
      /^FAILED {2}the registry refuses it, .* accepts it, 5m later$/m,
    );
    expect(alive()).toEqual([]);
  });
});

test('live masks secrets, and prints no text of an unexpected error', async () => {
  const lines: string[] = [];
  printer((line) => lines.push(line), ['CANARY-123', 'e'])('the token CANARY-123 is refused');
  expect(lines).toEqual(['the token [secret] is refused']);
  const { account, lines: printed, run } = await open(some.deleting);
  const check = () => Promise.reject(new TypeError('CANARY'));
  Object.assign(account, { provider: { ...account.provider, check } });
  await run();
  expect(printed[1]).toMatch(/: an unexpected TypeError$/);
});
