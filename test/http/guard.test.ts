import type { LookupFunction } from 'node:net';
import { describe, expect, test } from 'vitest';
import { RekeyError } from '../../lib/core/errors.ts';
import { rangeOf } from '../../lib/http/addresses.ts';
import { LOOPBACK } from '../../lib/http/guard.ts';
import { client, get, handmade } from './server.ts';

/** A resolver with these addresses for each name, which counts its calls. */
function names(known: Readonly<Record<string, readonly (readonly string[])[]>>) {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, _options, done) => {
    const answers = known[hostname] ?? [];
    const answer =
      answers[Math.min(asked.filter((one) => one === hostname).length, answers.length - 1)] ?? [];
    asked.push(hostname);
    if (answer.length === 0)
      return done(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), []);
    done(
      null,
      answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { lookup, asked };
}

/** A server that counts its connections. */
async function counting() {
  const seen: string[] = [];
  const { url } = await handmade((request, response) => {
    seen.push(request.headers.authorization ?? '');
    response.end('{}');
  });
  return { seen, port: new URL(url).port };
}

const failed = (sent: Promise<unknown>) =>
  sent.then(
    () => undefined,
    (error: unknown) => (error instanceof RekeyError ? error : undefined),
  );

describe('the guard refuses addresses that are not public', () => {
  const ranges: readonly (readonly [kind: string, ...addresses: string[]])[] = [
    [
      'loopback',
      '127.0.0.1',
      '127.255.255.254',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '64:ff9b::7f00:1',
    ],
    ['unspecified', '0.0.0.0', '0.1.2.3', '::'],
    [
      'private',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
    ],
    ['unique-local', 'fc00::1', 'fd12:3456::1'],
    ['link-local', '169.254.1.1', 'fe80::1', 'febf::1', '::ffff:169.254.1.1'],
    ['carrier-grade NAT', '100.64.0.1', '100.127.255.255'],
    ['multicast', '224.0.0.1', '239.255.255.255', 'ff02::1'],
    [
      'reserved',
      '192.0.0.8',
      '198.18.0.1',
      '203.0.113.9',
      '240.0.0.1',
      '255.255.255.255',
      '::7f00:1',
      '2002:7f00:1::',
      'fec0::1',
    ],
  ];
  const rows = ranges.flatMap(([kind, ...addresses]) =>
    addresses.map((address) => [address, kind] as const),
  );

  test.each(rows)('the guard refuses %s, by name and in a URL, as %s', async (address, kind) => {
    const http = client({
      allow: [],
      deadline: 500,
      lookup: names({ 'registry.example.com': [[address]] }).lookup,
    });
    const literal = address.includes(':') ? `[${address}]` : address;
    for (const host of ['registry.example.com', literal]) {
      const error = await failed(http.send(get(`https://${host}/v2/`)));
      expect(error).toMatchObject({ code: 'refused-address', retryable: false });
      expect(error?.message).toContain(`is at a ${kind} address`);
      expect(error?.message).toContain('network.allow');
    }
    expect(http.pauses, 'the call is not repeated').toEqual([]);
  });

  test.each([
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://[::ffff:127.0.0.1]/',
  ])('the guard refuses an address in any spelling: %s', async (url) => {
    expect(await failed(client({ allow: [] }).send(get(url)))).toMatchObject({
      code: 'refused-address',
    });
  });

  test('the guard refuses a name that also has a public address', async () => {
    const { lookup } = names({ 'registry.example.com': [['198.41.0.4', '10.0.0.1']] });
    const error = await failed(
      client({ allow: [], lookup }).send(get('https://registry.example.com/')),
    );
    expect(error).toMatchObject({
      code: 'refused-address',
      message: expect.stringContaining('registry.example.com is at a private'),
    });
  });
});

describe('the guard refuses metadata services even in an allowed range', () => {
  const allow = [
    '169.254.0.0/16',
    '100.64.0.0/10',
    'fd00::/8',
    '2002::/16',
    '64:ff9b:1::/48',
    ...LOOPBACK,
  ];
  test.each([
    '169.254.169.254',
    '[::ffff:169.254.169.254]',
    '169.254.170.2',
    '169.254.170.23',
    '[fd00:ec2::254]',
    '[2002:a9fe:a9fe::]',
    '[2002:a9fe:a9fe::7]',
    '[64:ff9b:1:a9fe:a9:fe00::]',
    '[64:ff9b:1:a9:fe:a9fe::]',
    '[64:ff9b:1:0:a9:fea9:fe00:0]',
    '[64:ff9b:1::a9fe:a9fe]',
    '100.100.100.200',
  ])('the guard refuses the metadata service at %s even in an allowed range', async (host) => {
    const error = await failed(client({ allow }).send(get(`http://${host}/latest/meta-data/`)));
    expect(error).toMatchObject({
      code: 'refused-address',
      message: expect.stringContaining('is at the address of a metadata service'),
    });
  });
});

describe('the connection goes to the address that was checked', () => {
  test('a name that changes its address is not followed to a refused one', async () => {
    const { port, seen } = await counting();
    const { lookup, asked } = names({ 'rebind.example.com': [['127.0.0.1'], ['127.0.0.2']] });
    const http = client({ allow: ['127.0.0.1/32'], lookup, attempts: 1 });
    const request = get(`http://rebind.example.com:${port}/`, { idempotent: false });
    await http.send(request);
    expect(asked, 'looked up once: the address that was checked is the one that was taken').toEqual(
      ['rebind.example.com'],
    );
    expect(await failed(http.send(request))).toMatchObject({ code: 'refused-address' });
    expect(seen).toHaveLength(1);
  });

  test('only the guard resolves a name', async () => {
    const { port, seen } = await counting();
    const { lookup, asked } = names({ 'simulated.invalid': [['127.0.0.1']] });
    await client({ lookup }).send(get(`http://simulated.invalid:${port}/`));
    expect(asked).toEqual(['simulated.invalid']);
    expect(seen).toHaveLength(1);
  });

  test('an unknown name is unreachable', async () => {
    const http = client({ lookup: names({}).lookup });
    expect(await failed(http.send(get('https://nowhere.invalid/')))).toMatchObject({
      code: 'unreachable',
      message: 'nowhere.invalid could not be reached (ENOTFOUND)',
    });
    expect(http.pauses).toHaveLength(2);
  });
});

describe('plain http', () => {
  const canary = { authorization: 'canary' };
  test('the guard allows plain http to loopback, if loopback is allowed', async () => {
    const { port, seen } = await counting();
    expect(await client().send(get(`http://127.0.0.1:${port}/`))).toMatchObject({ status: 200 });
    expect(
      await failed(
        client({ allow: [] }).send(get(`http://127.0.0.1:${port}/`, { headers: canary })),
      ),
    ).toBeDefined();
    expect(seen).toEqual(['']);
  });

  test.each([
    ['a public address', '198.41.0.4', []],
    ['an allowed private address', '10.1.2.3', ['10.0.0.0/8']],
  ])('the guard refuses plain http to %s', async (_name, address, allow) => {
    const { lookup } = names({ 'quay.example.com': [[address]] });
    for (const host of ['quay.example.com', address]) {
      expect(await failed(client({ allow, lookup }).send(get(`http://${host}/`)))).toMatchObject({
        code: 'refused-address',
        message: `${host} would be used without TLS; expected https`,
      });
    }
  });
});

test('the guard allows an address in an allowed range, and refuses its neighbors', async () => {
  const { port } = await counting();
  const { lookup } = names({ 'quay.corp': [['127.0.0.1']], 'other.corp': [['127.0.1.1']] });
  const http = client({ allow: ['127.0.0.0/24'], lookup });
  expect(await http.send(get(`http://quay.corp:${port}/`))).toMatchObject({ status: 200 });
  expect(await failed(http.send(get(`http://other.corp:${port}/`)))).toMatchObject({
    code: 'refused-address',
  });
});

test.each([
  '198.41.0.4',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '::ffff:198.41.0.4',
  '64:ff9b::c629:4',
])('%s is a public address', (address) => expect(rangeOf(address)).toBeUndefined());
