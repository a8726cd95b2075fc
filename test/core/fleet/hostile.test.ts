import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseFleetText, readFleetFile } from '../../../lib/wiring/fleet-file.ts';
import { aProvider } from '../../support/provider-stub.ts';
import { healthy, problemsIn } from './problems.ts';

const providers = { ionos: aProvider('ionos') };

const problems = (text: string) => problemsIn(text, providers);

const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...[...'bcdefghi'].map(
    (letter, index) =>
      `${letter}: &${letter} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`,
  ),
].join('\n');

test.each([
  ['a bomb of aliases', `${bomb}\n${healthy}`, 'more than 100 aliases'],
  ['a value that holds itself', healthy.replace('acme', '&a [*a]'), 'fleet: a list of 1'],
  ['brackets without end', `fleet: ${'['.repeat(20_000)}`, 'not YAML'],
  ['maps in maps', `fleet: ${'{a: '.repeat(5000)}1${'}'.repeat(5000)}`, 'not YAML'],
  ['a prototype', `__proto__: { polluted: true }\n${healthy}`, '__proto__: unknown key'],
  ['a prototype in a target', `${healthy}    __proto__: { grace: 1h }\n`, '__proto__: unknown key'],
  [
    'a prototype in the parameters',
    `${healthy}      __proto__: { registryId: x }\n`,
    '__proto__: unknown key',
  ],
  [
    'a constructor',
    `constructor: { prototype: { polluted: true } }\n${healthy}`,
    'constructor: unknown key',
  ],
  [
    'a provider by the name of a prototype',
    healthy.replace('provider: ionos', 'provider: __proto__'),
    'expected a provider',
  ],
  ['a key that stands twice', `${healthy}    name: other\n`, 'Map keys must be unique'],
  ['a merge key', `${healthy}    <<: { interval: 1h }\n`, '<<: unknown key'],
  ['a tag of a language', healthy.replace('acme', '!!js/function "acme"'), 'Unresolved tag'],
  ['a tag of YAML', healthy.replace('acme', '!!binary YWNtZQ=='), 'Unresolved tag'],
  ['a tag that would be a merge', `${healthy}    !!merge <<: { interval: 1h }\n`, 'Unresolved tag'],
  ['a second document', `${healthy}---\nfleet: other\n`, 'multiple documents'],
  ['a key that is a list', `? [a, b]\n: 1\n${healthy}`, 'unknown key'],
])('%s is refused, and changes nothing', (_name, text, expected) => {
  expect(problems(text).join('\n')).toContain(expected);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('a long list of problems ends with their number', () => {
  const lines = problems(
    `${healthy}${Array.from({ length: 3000 }, (_, index) => `k${index}: 1`).join('\n')}\n`,
  );
  expect(lines).toHaveLength(101);
  expect(lines.at(-1)).toBe('and 2900 more');
});

const forged = String.raw`x\nrekey.yaml:1:1 all is well\e[2J\u202E\x9b1m`;
test.each([
  ['a key', `"${forged}": 1\n${healthy}`],
  ['a value', healthy.replace('acme', `"${forged}"`)],
  ['a tag', healthy.replace('acme', '!x\u202E\u009b acme')],
])('%s cannot look like another line, or control a terminal', (_name, text) => {
  const lines = problems(text);
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).toMatch(/^rekey\.yaml:\d+:\d+ (?!all is well)/);
  expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
});

test('an oversized file is not read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'rekey.yaml');
  writeFileSync(file, `${healthy}#${'x'.repeat(4 * 1024 * 1024)}`);
  expect(() => readFleetFile(file, providers)).toThrow(/expected at most 4194304/);
});

test.each(['10.0.0.0/8', '192.168.7.0/24', '203.0.113.7/32', 'fd00:1234::/32', 'fc00::/7'])(
  'the range %s may be named in network.allow, and travels with the fleet',
  (range) => {
    const fleet = parseFleetText(`network: { allow: ["${range}"] }\n${healthy}`, providers);
    expect(JSON.parse(JSON.stringify(fleet))).toMatchObject({ network: { allow: [range] } });
  },
);

test.each([
  '0.0.0.0/0',
  '10.0.0.0/7',
  '::/0',
  '10.0.0.0',
  '10.0.0/8',
  '10.0.0.0/33',
  'fd00::/129',
  '10.0.0.0/-1',
  'corp',
  '',
])('the range "%s" is refused in network.allow', (range) => {
  expect(problems(`network: { allow: ["${range}"] }\n${healthy}`)).toEqual([
    `rekey.yaml:1:20 network.allow[0]: ${JSON.stringify(range)}; ` +
      'expected an address range such as 10.0.0.0/8, no wider than /8 (of IPv6: /7)',
  ]);
});

test.each([
  ...[
    '127.0.0.0/8',
    '127.0.0.1/32',
    '126.0.0.0/7',
    '169.254.0.0/16',
    '169.254.169.254/32',
    '0.0.0.0/8',
    '224.0.0.0/4',
    '239.1.2.3/32',
  ],
  ...[
    '::1/128',
    '::/128',
    '::ffff:10.0.0.0/104',
    'fe80::/10',
    'fe80::1/128',
    'fe00::/7',
    'ff02::/16',
    '192.88.99.0/24',
  ],
  ...[
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '64:ff9b:1:a9fe:a9:fe00::/128',
    '2001:0:1::/48',
    '2002::/16',
    '2002:a9fe:a9fe::/48',
  ],
])('the range %s is refused: it is local, multicast, or an alias of other addresses', (range) => {
  const [problem, ...others] = problems(`network: { allow: ["${range}"] }\n${healthy}`);
  expect(others).toEqual([]);
  // some are also too wide
  expect(problem).toMatch(
    /network\.allow\[0\]: .*; expected (a range without loopback|an address range such as)/,
  );
});

test.each(['100.64.0.0/10', '2001:db8::/32', '2a00:1450::/32', '64:ff9a::/32'])(
  'the range %s may be named in network.allow, though close to a refused one',
  (range) => {
    expect(
      parseFleetText(`network: { allow: ["${range}"] }\n${healthy}`, providers).network,
    ).toEqual({ allow: [range] });
  },
);

test('a fleet without a network allows no private ranges', () => {
  expect(parseFleetText(healthy, providers).network).toBeUndefined();
});
