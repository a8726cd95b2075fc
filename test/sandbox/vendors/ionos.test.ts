import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, plus } from '../../../lib/core/time.ts';
import { manualClock } from '../../../lib/kit/testing/index.ts';
import { createSimulatedIonos } from '../../../lib/sandbox/vendors/ionos/index.ts';
import { openVendor } from './open.ts';

interface Token {
  id: string;
  metadata: { state: string };
  properties: {
    name: string;
    status: string;
    expiryDate: string | null;
    credentials: { username: string; password: string };
  };
}

async function open() {
  const opened = await openVendor(createSimulatedIonos, 'Bearer simulated-ionos-admin-token');
  const registry = `/registries/${opened.vendor.params.registryId}`;
  const tokens = `${registry}/tokens`;
  const create = async (name: string, more: object = {}) => {
    const scopes = [{ type: 'repository', name: '*', actions: ['pull'] }];
    return opened.ask('POST', tokens, { properties: { name, scopes, ...more } });
  };
  return {
    ...opened,
    host: opened.registry,
    registry,
    tokens,
    create,
    made: async (name: string) => (await create(name)).body as Token,
  };
}
const refusal = (status: number) => ({
  status,
  body: { httpStatus: status, messages: [{ errorCode: '0', message: expect.any(String) }] },
});

describe('the simulated IONOS', () => {
  test('shows the password only in the answer to the create', async () => {
    const { create, ask, tokens, login } = await open();
    const answer = await create('ci');
    const { id, properties } = answer.body as Token;
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toMatch(new RegExp(`${tokens}/${id}$`));
    const { username, password } = properties.credentials;
    expect(username).toBe('ci');
    expect(await login('ci', password)).toBe(200);
    expect(await login('ci', `${password}x`)).toBe(401);
    const list = (await ask('GET', tokens)).body as { items: Token[] };
    const one = (await ask('GET', `${tokens}/${id}`)).body as Token;
    for (const shown of [list.items[0], one])
      expect(shown?.properties.credentials).toEqual({ username: 'ci', password: '' });
  });

  test('shows the host of its registry once the registry runs', async () => {
    const { vendor, ask, registry, host } = await open();
    expect((await ask('GET', registry)).body).toMatchObject({
      metadata: { state: 'Running' },
      properties: { hostname: host },
    });
    vendor.behaviour.registryState = 'New';
    expect((await ask('GET', registry)).body).toMatchObject({
      metadata: { state: 'New' },
      properties: { hostname: '' },
    });
  });

  test('lists pages of at most 100, and null for an empty page', async () => {
    const { vendor, ask, tokens } = await open();
    expect((await ask('GET', tokens)).body).toMatchObject({
      items: null,
      count: 0,
      total: 0,
      offset: 0,
      limit: 100,
    });
    for (let number = 0; number < 130; number++) vendor.plant(`token-${number}`);
    const page = async (query: string) => {
      const { items, ...counts } = (await ask('GET', `${tokens}?${query}`)).body as {
        items: Token[] | null;
      };
      return { ...counts, names: items?.map(({ properties }) => properties.name) };
    };
    expect(await page('limit=1000')).toMatchObject({ count: 100, total: 130 });
    expect(await page('offset=128&limit=5')).toMatchObject({
      count: 2,
      names: ['token-128', 'token-129'],
    });
    expect(await page('offset=130')).toMatchObject({ count: 0, total: 130, names: undefined });
    expect(await ask('GET', `${tokens}?limit=ten`)).toMatchObject(refusal(400));
  });

  test('refuses a taken name, and for a while the name of a deleted token', async () => {
    const { vendor, clock, ask, tokens, create, made } = await open();
    const { id } = await made('ci');
    expect(await create('ci')).toMatchObject(refusal(409));
    vendor.behaviour.nameHeldFor = MINUTE;
    expect((await ask('DELETE', `${tokens}/${id}`)).status).toBe(204);
    expect(await create('ci')).toMatchObject(refusal(409));
    clock.advance(MINUTE);
    expect((await create('ci')).status).toBe(201);
  });

  test('requires an expiry at least an hour ahead, and removes the token then', async () => {
    const { clock, ask, tokens, create, login } = await open();
    const at = (ms: number) => ({ expiryDate: plus(clock.now(), ms).toISOString() });
    expect(await create('soon', at(HOUR - 1))).toMatchObject(refusal(400));
    expect(await create('odd', { expiryDate: 'tomorrow' })).toMatchObject(refusal(400));
    const { id, properties } = (await create('ci', at(HOUR))).body as Token;
    expect(await login('ci', properties.credentials.password)).toBe(200);
    clock.advance(HOUR);
    expect(await login('ci', properties.credentials.password)).toBe(401);
    expect(await ask('GET', `${tokens}/${id}`)).toMatchObject(refusal(404));
    expect((await ask('GET', tokens)).body).toMatchObject({ items: null });
    expect((await create('ci')).status).toBe(201);
  });

  test('changes a token with a flat PATCH', async () => {
    const { ask, tokens, made, login } = await open();
    const { id, properties } = await made('ci');
    const { password } = properties.credentials;
    expect(
      await ask('PATCH', `${tokens}/${id}`, { properties: { status: 'disabled' } }),
    ).toMatchObject(refusal(400));
    expect(await login('ci', password)).toBe(200);
    expect((await ask('PATCH', `${tokens}/${id}`, { status: 'disabled' })).body).toMatchObject({
      metadata: { state: 'disabled' },
      properties: { status: 'disabled', credentials: { password: '' } },
    });
    expect(await login('ci', password)).toBe(401);
    await ask('PATCH', `${tokens}/${id}`, { status: 'enabled' });
    expect(await login('ci', password)).toBe(200);
  });

  test.each([
    ['no properties', { name: 'ci' }],
    ['a name that begins with a digit', { properties: { name: '1ci' } }],
    ['a name of 64 characters', { properties: { name: 'a'.repeat(64) } }],
    ['an unknown status', { properties: { name: 'ci', status: 'on' } }],
    ['something that is not JSON', 'name=ci'],
  ])('refuses a create with %s', async (_what, body) => {
    const { ask, tokens } = await open();
    expect(await ask('POST', tokens, body)).toMatchObject(refusal(400));
  });

  test('refuses wrong credentials, contracts, registries and malformed ids', async () => {
    const { ask, registry, tokens, vendor } = await open();
    const anywhere = `/registries/${randomUUID()}`;
    expect(await ask('GET', registry, undefined, { authorization: 'Bearer wrong' })).toMatchObject(
      refusal(401),
    );
    expect(
      await ask('GET', registry, undefined, { authorization: 'simulated-ionos-admin-token' }),
    ).toMatchObject(refusal(401));
    expect(await ask('GET', registry, undefined, { 'x-contract-number': '7' })).toMatchObject(
      refusal(403),
    );
    expect(
      (await ask('GET', registry, undefined, { 'x-contract-number': '31720930' })).status,
    ).toBe(200);
    for (const path of [anywhere, `${anywhere}/tokens`, `${tokens}/${randomUUID()}`, '/other'])
      expect(await ask('GET', path)).toMatchObject(refusal(404));
    expect(await ask('DELETE', `${tokens}/${randomUUID()}`)).toMatchObject(refusal(404));
    for (const path of ['/registries/x', `${tokens}/x`])
      expect(await ask('GET', path)).toMatchObject(refusal(400));
    vendor.behaviour.privileged = false;
    expect(await ask('GET', tokens)).toMatchObject(refusal(403));
  });

  test('changes its registry after a delay', async () => {
    const { vendor, clock, ask, tokens, made, login } = await open();
    Object.assign(vendor.behaviour.delays, { create: 10, disable: 20, delete: 30 });
    const { id, properties } = await made('ci');
    const accepted = async (ms: number) => {
      clock.advance(ms);
      return (await login('ci', properties.credentials.password)) === 200;
    };
    expect([await accepted(9), await accepted(1)]).toEqual([false, true]);
    await ask('PATCH', `${tokens}/${id}`, { status: 'disabled' });
    expect([await accepted(19), await accepted(1)]).toEqual([true, false]);
    await ask('PATCH', `${tokens}/${id}`, { status: 'enabled' });
    expect([await accepted(19), await accepted(1)]).toEqual([false, true]);
    await ask('DELETE', `${tokens}/${id}`);
    expect([await accepted(29), await accepted(1)]).toEqual([true, false]);
  });

  test('never accepts a token that was deleted before its registry knew it', async () => {
    const { vendor, clock, ask, tokens, made, login } = await open();
    vendor.behaviour.delays.create = HOUR;
    const { id, properties } = await made('ci');
    await ask('DELETE', `${tokens}/${id}`);
    clock.advance(HOUR);
    expect(await login('ci', properties.credentials.password)).toBe(401);
  });

  test('reports every credential, and never a password', async () => {
    const { vendor, clock, ask, tokens, create, made } = await open();
    const [gone, off] = [await made('gone'), await made('off')];
    await create('over', { expiryDate: plus(clock.now(), HOUR).toISOString() });
    vendor.plant('by-hand');
    await ask('DELETE', `${tokens}/${gone.id}`);
    await ask('PATCH', `${tokens}/${off.id}`, { status: 'disabled' });
    clock.advance(HOUR);
    const truth = vendor.credentials();
    expect(truth.map(({ label, state }) => `${label} ${state}`)).toEqual([
      'gone deleted',
      'off disabled',
      'over expired',
      'by-hand enabled',
    ]);
    expect(JSON.stringify([truth, vendor.dump()])).not.toContain(
      off.properties.credentials.password,
    );
  });

  test('continues after a restart', async () => {
    const { vendor, made } = await open();
    const { id, properties } = await made('ci');
    vendor.behaviour.delays.delete = HOUR;
    vendor.behaviour.nameHeldFor = MINUTE;
    const dumped = JSON.parse(JSON.stringify(vendor.dump()));
    const again = await openVendor((options) => {
      const restored = createSimulatedIonos(options);
      restored.restore(dumped);
      return restored;
    }, 'Bearer simulated-ionos-admin-token');
    expect(again.vendor.behaviour).toEqual(vendor.behaviour);
    expect(await again.login('ci', properties.credentials.password)).toBe(200);
    await again.ask('DELETE', `/registries/${vendor.params.registryId}/tokens/${id}`);
    expect(await again.login('ci', properties.credentials.password)).toBe(200);
    again.clock.advance(HOUR);
    expect(await again.login('ci', properties.credentials.password)).toBe(401);
    expect(vendor.credentials()).toMatchObject([{ state: 'enabled' }]);
  });
});

describe('any simulated vendor', () => {
  test('records the path of a request, without query and secrets', async () => {
    const { vendor, ask, tokens, login } = await open();
    await ask('GET', `${tokens}?offset=3`);
    await login('a', 'b');
    expect(vendor.requests).toEqual([`GET /containerregistries${tokens}`, 'GET /v2/auth']);
  });

  test('injects faults into API and registry separately', async () => {
    const { vendor, ask, tokens, login, made } = await open();
    const { properties } = await made('ci');
    vendor.faults.next(/GET/, { status: 418 });
    vendor.registryFaults.next(/GET/, { status: 503 });
    expect([(await ask('GET', tokens)).status, (await ask('GET', tokens)).status]).toEqual([
      418, 200,
    ]);
    const { password } = properties.credentials;
    expect([await login('ci', password), await login('ci', password)]).toEqual([503, 200]);
  });

  test('answers after its latency, by its clock', async () => {
    const { vendor, clock, ask, tokens } = await open();
    const before = clock.now();
    await ask('GET', tokens);
    expect(clock.now()).toEqual(before);
    vendor.behaviour.latency = 250;
    await ask('GET', tokens);
    expect(clock.now()).toEqual(plus(before, 250));
  });

  test('can be served on given ports, and reports one that is in use', async () => {
    const { host } = await open();
    const other = createSimulatedIonos({ clock: manualClock() });
    const registryPort = Number(host.split(':')[1]);
    await expect(other.start({ registryPort })).rejects.toThrow(`port ${registryPort}`);
    await expect(other.start({ apiPort: registryPort })).rejects.toThrow(`port ${registryPort}`);
    const first = await other.start();
    await first.close();
    const ports = {
      apiPort: Number(new URL(first.endpoint).port),
      registryPort: Number(first.registry.split(':')[1]),
    };
    const { endpoint, registry, close } = await other.start(ports);
    await close();
    expect({ endpoint, registry }).toEqual({ endpoint: first.endpoint, registry: first.registry });
  });

  test('gives the same ids for the same random numbers', () => {
    const planted = () => {
      let seed = 7;
      const random = () => {
        seed = (seed * 16807) % 2147483647;
        return seed / 2147483647;
      };
      const vendor = createSimulatedIonos({ clock: manualClock(), random });
      return [vendor.plant('a').id, vendor.plant('b').id];
    };
    const [first, second] = planted();
    expect([first, second]).toEqual(planted());
    expect(first).not.toBe(second);
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('remembers the latest dead credentials, and all live ones', () => {
    const clock = manualClock();
    const vendor = createSimulatedIonos({ clock });
    const dump = vendor.dump() as { credentials: object[]; behaviour: object };
    const entry = {
      username: 'u',
      digest: '',
      owner: 'o',
      createdAt: clock.now().toISOString(),
      scopes: [],
      enabled: true,
      effects: [],
    };
    const deletedAt = clock.now().toISOString();
    const dead = Array.from({ length: 1100 }, (_, number) => ({
      ...entry,
      id: `d${number}`,
      label: `d${number}`,
      deletedAt,
    }));
    vendor.restore({ ...dump, credentials: [{ ...entry, id: 'alive', label: 'alive' }, ...dead] });
    vendor.plant('new');
    const labels = vendor.credentials().map(({ label }) => label);
    expect(labels).toHaveLength(1002);
    expect([labels[0], labels[1], labels.at(-1)]).toEqual(['alive', 'd100', 'new']);
  });
});
