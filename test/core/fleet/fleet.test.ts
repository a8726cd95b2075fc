import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { providers as allProviders } from '../../../lib/providers/index.ts';
import { parseFleetText, readFleetFile } from '../../../lib/wiring/fleet-file.ts';
import { aProvider } from '../../support/provider-stub.ts';
import { healthy, problemsIn } from './problems.ts';

const providers = {
  ionos: aProvider('ionos'),
  mint: { ...aProvider('mint', { expiry: false }), find: undefined, enable: undefined },
  two: aProvider('two', { liveAtOnce: 2 }),
};

const problems = (text: string) => problemsIn(text, providers);

describe('a fleet file', () => {
  test('a fleet is the same after a round trip through JSON', () => {
    const fleet = parseFleetText(readFileSync('examples/fleet.yaml', 'utf8'), allProviders);
    expect(JSON.parse(JSON.stringify(fleet))).toEqual(fleet);
    expect(fleet.targets.every(({ liveAtOnce }) => Number.isFinite(liveAtOnce))).toBe(true);
  });

  test('a fleet file gets the defaults', () => {
    const fleet = parseFleetText(healthy, providers);
    expect(fleet.id).toBe('acme');
    expect(fleet.targets).toMatchObject([
      {
        name: 'app',
        secret: 'rekey/acme/app',
        interval: 30 * 86_400_000,
        grace: 86_400_000,
        soak: 86_400_000,
        compromisedGrace: 0,
        format: 'fields',
      },
    ]);
  });

  test('a target overrides the defaults of the file, which override the built-in ones', () => {
    const { targets } = parseFleetText(
      `${healthy}    grace: 2h\ndefaults:\n  grace: 3h\n  interval: 7d\n`,
      providers,
    );
    expect(targets).toMatchObject([{ grace: 2 * 3_600_000, interval: 7 * 86_400_000 }]);
  });

  test('the spec of a target depends only on what is issued', () => {
    const spec = (text: string) => parseFleetText(text, providers).targets[0]?.spec;
    expect(spec(healthy.replace('registryId: r1', 'registryId: r2'))).not.toBe(spec(healthy));
    expect(spec(`${healthy}    format: dockerconfigjson\n`)).not.toBe(spec(healthy));
    expect(spec(`${healthy}    grace: 2h\n`)).toBe(spec(healthy));
    expect(spec(healthy.replace('name: app', 'name: other'))).toBe(spec(healthy));
  });

  const rows: [string, string, string][] = [
    ['that is empty', '', 'rekey.yaml:1:1 is empty; expected "fleet" and "targets"'],
    ['that is not YAML', 'fleet: [a', 'rekey.yaml:1:10 not YAML'],
    [
      'that is a list',
      '- a\n',
      'rekey.yaml:1:1 the file: a list of 1; expected a map of keys and values',
    ],
    [
      'without targets',
      'fleet: acme\ntargets: {}\n',
      'rekey.yaml:2:10 targets: a map; expected a list of targets',
    ],
    [
      'with an unknown key',
      healthy.replace('fleet:', 'flet: x\nfleet:'),
      'rekey.yaml:1:7 flet: unknown key; did you mean fleet?',
    ],
    [
      'with an unknown key in a target',
      healthy.replace('    admin:', '    token: hunter2\n    admin:'),
      'targets[0].token: unknown key',
    ],
    [
      'with an unknown parameter',
      `${healthy}      password: hunter2\n`,
      'targets[0].params.password: unknown key',
    ],
    [
      'with a key twice',
      healthy.replace('    admin:', '    name: twice\n    admin:'),
      'not YAML: Map keys must be unique',
    ],
    [
      'with a bad fleet id',
      healthy.replace('acme', 'Acme_Corp'),
      'rekey.yaml:1:8 fleet: "Acme_Corp"; expected a fleet id of 1 to 11 characters',
    ],
    [
      'with an unknown provider',
      healthy.replace('provider: ionos', 'provider: acr'),
      'rekey.yaml:4:15 targets[0].provider: "acr"; expected a provider: ionos, mint, two',
    ],
    [
      'with a provider called like a property of every object',
      healthy.replace('provider: ionos', 'provider: constructor'),
      'targets[0].provider: "constructor"; expected a provider',
    ],
    [
      'without an admin secret',
      healthy.replace('    admin: admin/ionos\n', ''),
      'rekey.yaml:3:5 targets[0].admin: missing; expected a secret name',
    ],
    [
      'with a secret name that Secrets Manager refuses',
      `${healthy}    secret: a b\n`,
      'targets[0].secret: text of 3 characters; expected a secret name: 1 to 512 letters',
    ],
    [
      'with an invalid duration',
      `${healthy}    grace: soon\n`,
      'targets[0].grace: "soon"; expected a duration such as 15m, 24h or 30d',
    ],
    [
      'with a grace as long as the interval',
      `${healthy}    grace: 30d\n`,
      'targets[0].grace: "30d"; expected less than the interval (30d)',
    ],
    [
      'with an interval under 15 minutes',
      `${healthy}    interval: 14m\n    grace: 1m\n    soak: 1m\n`,
      'targets[0].interval: "14m"; expected at least 15m',
    ],
    [
      'with a soak that would keep too many alive',
      `${healthy}    interval: 1h\n    grace: 1m\n`,
      'targets[0].soak: grace (1m) and soak (1d) together span 27 intervals; expected at most 2',
    ],
    [
      'with a compromised grace longer than the grace',
      `${healthy}    compromisedGrace: 2d\n`,
      'targets[0].compromisedGrace: "2d"; expected at most the grace',
    ],
    [
      'with an unknown time zone',
      `${healthy}    window: { cron: '0 2 * * *', timezone: Mars/Olympus, duration: 1h }\n`,
      'targets[0].window.timezone: "Mars/Olympus"; expected a time zone of the IANA database',
    ],
    [
      'with an invalid cron expression',
      `${healthy}    window: { cron: every day, duration: 1h }\n`,
      'targets[0].window.cron: "every day"; expected a cron expression of five fields',
    ],
    [
      'with a cron expression that never comes',
      `${healthy}    window: { cron: '0 0 31 2 *', duration: 1h }\n`,
      'targets[0].window.cron: "0 0 31 2 *"; expected a cron expression of five ' +
        'fields that comes again',
    ],
    [
      'with a nickname for a cron expression',
      `${healthy}    window: { cron: '@daily', duration: 1h }\n`,
      'targets[0].window.cron: "@daily"; expected a cron expression of five fields',
    ],
    ...['0s', '1m', '9m'].map((duration): [string, string, string] => [
      `with a window of ${duration}, which falls between two sweeps`,
      `${healthy}    window: { cron: '0 2 * * *', duration: ${duration} }\n`,
      `targets[0].window.duration: "${duration}"; ` +
        'expected at least 10m: rekey looks at the fleet every 5 minutes by default',
    ]),
    [
      'with a window that opens once in four years',
      `${healthy}    window: { cron: '0 0 29 2 *', duration: 1d }\n`,
      'targets[0].window.cron: the window stays closed for up to 1460d; ' +
        'expected at most 30d, the interval',
    ],
    [
      'with a weekly window and a daily interval',
      `${healthy}    window: { cron: '0 2 * * 6', duration: 2h }\n    interval: 3d\n`,
      'the window stays closed for up to 6d 22h; expected at most 3d, the interval',
    ],
    [
      'with a manifest and no repository',
      `${healthy}    verify: { manifest: latest }\n`,
      'targets[0].verify.repository: missing; expected a repository, ' +
        'because verify.manifest names a manifest in it',
    ],
    [
      'with a registry that gets too long to verify',
      `${healthy}    verify: { within: 10m }\n`,
      'targets[0].verify.within: "10m"; expected at most 5m',
    ],
    [
      'with a provider that could lose a credential',
      healthy.replace('provider: ionos', 'provider: mint'),
      'targets[0].provider: "mint"; ' +
        'expected a provider that can list its credentials or let them expire',
    ],
    [
      'with more alive at once than the provider allows',
      `${healthy.replace('provider: ionos', 'provider: two')}    interval: 2d\n    grace: 1d\n`,
      'targets[0].grace: grace and soak keep 3 credentials alive at once; ' +
        'expected at most 2, which is what two allows',
    ],
  ];
  test.each(rows)(
    'a fleet file %s is refused with position, value and expected value',
    (_name, text, expected) => {
      expect(problems(text).some((line) => line.includes(expected)) || problems(text)).toBe(true);
    },
  );

  test('a fleet file with the same name or the same secret twice is refused', () => {
    const settings = '    provider: ionos\n    admin: a\n    params: { registryId: r }\n';
    const twice =
      `${healthy}  - name: app\n${settings}` +
      `  - name: c\n    secret: rekey/acme/app\n${settings}`;
    expect(problems(twice)).toEqual([
      'rekey.yaml:8:11 targets[1].name: "app"; expected another name than targets[0]',
      'rekey.yaml:13:13 targets[2].secret: text of 14 characters; ' +
        'expected a secret of its own; app has this one',
    ]);
  });

  test('a fleet file is refused with a list of every problem', () => {
    const text =
      'fleet: ACME\nextra: 1\ntargets:\n' +
      '  - name: Bad Name\n    provider: ionos\n    params: {}\n  - provider: nope\n';
    const found = problems(text).join('\n');
    for (const part of [
      'fleet: "ACME"',
      'extra: unknown key',
      'targets[0].name: "Bad Name"',
      'targets[0].admin: missing',
      'targets[0].params.registryId: missing',
      'targets[1].provider: "nope"',
    ]) {
      expect(found).toContain(part);
    }
  });

  test('a refused fleet file does not show the value of an unknown key', () => {
    const found = problems(healthy.replace('    admin:', '    token: hunter2\n    admin:')).join(
      '\n',
    );
    expect(found).not.toContain('hunter2');
  });

  test.each([
    [
      'an admin secret that is the token itself',
      healthy.replace('admin/ionos', '{ token: CANARY }'),
      'admin: a map;',
    ],
    [
      'an admin secret that is a password',
      healthy.replace('admin/ionos', '"CANARY$"'),
      'admin: text of 7 characters;',
    ],
    ['an admin secret of digits', healthy.replace('admin/ionos', '8675309'), 'admin: a number;'],
    ['a secret', `${healthy}    secret: "CANARY!"\n`, 'secret: text of 7 characters;'],
    [
      'parameters',
      healthy.replace('\n      registryId: r1', ' CANARY'),
      'params: text of 6 characters;',
    ],
    ['a parameter', healthy.replace('r1', '[CANARY]'), 'params.registryId: a list of 1;'],
    [
      'an admin secret of a former place',
      `${healthy}    former: [{ provider: ionos, admin: "CANARY$", params: { registryId: r2 } }]\n`,
      'former[0].admin: text of 7 characters;',
    ],
    [
      'the user of a URL',
      `network: { allow: ["https://u:CANARY@h/"] }\n${healthy}`,
      'allow[0]: text of 19 characters;',
    ],
    [
      'a long text',
      healthy.replace('ionos\n    admin', `${'CANARY'.repeat(20)}\n    admin`),
      'text of 120 characters;',
    ],
    [
      'a long key',
      `${healthy}    ${'CANARY'.repeat(20)}: 1\n`,
      'targets[0].(a key of 120 characters): unknown key',
    ],
    ['a tag', healthy.replace('admin/ionos', '!CANARY x'), 'not YAML: Unresolved tag'],
    [
      'an escape sequence',
      healthy.replace('admin/ionos', '"\\CANARY"'),
      'not YAML: Invalid escape sequence',
    ],
    ['an alias', healthy.replace('admin/ionos', '*CANARY'), 'an alias without an anchor before it'],
    [
      'a block header',
      healthy.replace('admin/ionos', '|CANARY'),
      'not YAML: Block scalar header includes extra characters',
    ],
    ['text after a value', healthy.replace('admin/ionos', '"a" CANARY'), 'not YAML: '],
  ])('a refused fleet file shows no credential in place of %s', (_name, text, expected) => {
    expect(problems(text).join('\n')).toContain(expected);
    expect(problems(text).join('\n')).not.toContain('CANARY');
  });

  test.each([
    ['registry_id', 'registryId'],
    ['RegistryID', 'registryId'],
    ['registryIdd', 'registryId'],
  ])('the unknown parameter %s gets a suggestion', (written, meant) => {
    expect(problems(healthy.replace('registryId', written)).join('\n')).toContain(
      `targets[0].params.${written}: unknown key; did you mean ${meant}?`,
    );
  });

  test('the problems of a fleet file are listed in the order of the file', () => {
    const text =
      'fleet: ACME\ntargets:\n' +
      '  - name: Bad Name\n    provider: ionos\n    admin: a\n    params: {}\nextra: 1\n';
    const all = problems(text);
    expect(all.at(-1)).toBe('when these are corrected, rekey checks how the settings go together');
    const lines = all.slice(0, -1).map((line) => Number(line.split(':')[1]));
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
    expect(lines.length).toBeGreaterThan(3);
  });

  test('a fleet file with a bomb of aliases, or prototype keys, is refused', () => {
    const aliases = [...'bcdefghi'].map((letter, index) => {
      const previous = Array(9).fill(`*${'abcdefgh'[index]}`).join(',');
      return `${letter}: &${letter} [${previous}]\n`;
    });
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${aliases.join('')}`;
    expect(problems(bomb).join()).toContain('more than 100 aliases');
    expect(
      problems(healthy.replace('fleet:', '__proto__: { polluted: true }\nfleet:')).join(),
    ).toContain('__proto__');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('a missing fleet file is an error with advice', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rekey-'));
    try {
      expect(() => readFleetFile(join(folder, 'rekey.yaml'), providers)).toThrow(
        /does not exist; write one with rekey init/,
      );
      writeFileSync(join(folder, 'rekey.yaml'), healthy);
      expect(readFleetFile(join(folder, 'rekey.yaml'), providers).targets).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('a fleet may have no targets, and its orphanAge is at least 20 minutes', () => {
  expect(parseFleetText('fleet: acme\ntargets: []\n', providers)).toMatchObject({
    targets: [],
    orphanAge: 20 * 60_000,
  });
  expect(problems('fleet: acme\norphanAge: 19m\ntargets: []\n')).toEqual([
    'rekey.yaml:2:12 orphanAge: "19m"; expected at least 20m: twice the longest run of a worker',
  ]);
});
