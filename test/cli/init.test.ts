import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { providers } from '../../lib/providers/index.ts';
import { vendors } from '../../lib/sandbox/vendors/index.ts';
import { readFleetFile } from '../../lib/wiring/fleet-file.ts';
import { initIn, type Started } from '../support/init.ts';

let at: Started;
beforeEach(() => {
  at = initIn();
});

const acme = ['--provider', 'digitalocean', '--fleet-id', 'acme', '--target', 'shop-images'];
const whole = [...acme, '--param', 'registry=acme'];
const content = (file: string) => readFileSync(join(at.folder, file), 'utf8');
const put = (file: string, text = '') => writeFileSync(join(at.folder, file), text);

/** Valid parameters of a provider: those of its simulated vendor. */
const given = (provider: string) => vendors[provider]?.({ clock: at.clock }).params ?? {};

const flagsOf = (params: object): string[] => {
  return Object.entries(params).flatMap(([key, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return ['--param', `${key}=${text}`];
  });
};

describe('the fleet file that rekey init writes', () => {
  test.each(Object.keys(providers))('is valid for %s', async (provider) => {
    const flags = ['--provider', provider, '--fleet-id', 'acme', '--target', 'images'];
    const { status, text } = await at.init(...flags, ...flagsOf(given(provider)));
    expect(text).toContain(`docs/providers/${provider}.md`);
    expect(status).toBe(0);
    const fleet = readFleetFile(join(at.folder, 'rekey.yaml'), providers);
    expect(fleet.targets).toMatchObject([
      { name: 'images', provider, admin: `rekey/admin/${provider}`, secret: 'rekey/acme/images' },
    ]);
    expect(fleet.targets[0]?.params).toMatchObject(given(provider));
  });

  test('lists the optional parameters as comments', async () => {
    expect((await at.init(...whole)).status).toBe(0);
    expect(content('rekey.yaml')).toMatch(/^ {6}registry: acme\n {6}# readWrite: .+\n/m);
  });

  test('fits the interval and the grace into a fixed life', async () => {
    const flags = ['--fleet-id', 'acme', '--target', 'lab', '--param', 'region=ap-southeast-3'];
    await at.init('--provider', 'huawei-swr-temporary', ...flags);
    expect(content('rekey.yaml')).toMatch(/interval: 4h30m .*\n +grace: 1h /);
  });

  test('is read by its editor and has other names if they are given', async () => {
    const names = ['--fleet', 'other.yaml', '--admin', 'team/registry-admin'];
    expect((await at.init(...names, ...whole)).text).toContain('--name team/registry-admin');
    expect(content('other.yaml')).toContain('$schema=./node_modules/cdk-rekey/schema/');
    expect(content('other.yaml')).toContain('admin: team/registry-admin');
    expect(readdirSync(at.folder)).toEqual(['other.yaml']);
  });

  test('keeps text that looks like another type, and reads a list', async () => {
    const flags = ['--fleet-id', 'acme', '--target', 'app', '--param', 'project=42'];
    const scopes = 'scopes=read_registry, write_registry';
    await at.init('--provider', 'gitlab-deploy-token', ...flags, '--param', scopes);
    expect(content('rekey.yaml')).toContain('project: "42"');
    expect(content('rekey.yaml')).toContain('scopes: [read_registry, write_registry]');
  });
});

describe('the next steps after rekey init', () => {
  test('store the admin secret with its JSON, which does not reach the history', async () => {
    const { text } = await at.init(...whole);
    expect(text).toContain('aws secretsmanager create-secret --name rekey/admin/digitalocean');
    expect(text).toContain('--secret-string file:///dev/stdin');
    expect(text).toContain('Paste  { "token": "…" }');
  });

  test('add the construct to the stack of a project that exists', async () => {
    put('package.json', '{}');
    put('cdk.json', '{}');
    const { text } = await at.init(...whole);
    expect(text).toMatch(/import \{ Rekey \} from "cdk-rekey";\n\n +new Rekey\(this, "Rekey", \{/);
    expect(readdirSync(at.folder).sort()).toEqual(['cdk.json', 'package.json', 'rekey.yaml']);
    expect(content('package.json')).toBe('{}');
  });
});

describe('rekey init refuses, and writes nothing', () => {
  test.each([
    ['an unknown provider', ['--provider', 'ionoss'], 2, 'unknown provider ionoss; did you mean '],
    ['no provider', [], 2, 'missing --provider: one of deepgram, '],
    [
      'missing flags',
      ['--provider', 'ionos', '--target', 'x'],
      2,
      'missing --fleet-id, --param registryId=…, --param \'scopes=[{type: repository, name: "*", ' +
        "actions: [pull]}]'; on a terminal, rekey init asks for them",
    ],
    ['a parameter without a value', [...acme, '--param', 'x'], 2, '--param: expected key=value'],
    [
      'a parameter that the schema refuses',
      [...acme, '--param', 'registry=My Registry'],
      1,
      '--param registry: text of 11 characters; expected the name of a registry',
    ],
    [
      'an unknown parameter',
      [...whole, '--param', 'readwrite=true'],
      1,
      '--param readwrite: unknown key; did you mean readWrite?',
    ],
    [
      'neither of two parameters',
      ['--provider', 'gitlab-deploy-token', '--fleet-id', 'a', '--target', 'x'],
      1,
      '--param project: missing; expected a project or a group, and not both',
    ],
    [
      'a wrong id and a wrong name',
      [...whole, '--fleet-id', 'Acme', '--target', 'My Images'],
      1,
      /^--fleet-id: "Acme"; expected a fleet id .*\n--target: "My Images"; expected a name/,
    ],
    [
      'a folder that does not exist',
      ['--fleet', 'none/rekey.yaml', ...whole],
      1,
      '/none is not a folder that you can write to; nothing was written',
    ],
    ['--app with another fleet file', ['--fleet', 'a.yaml', '--app', ...whole], 2, '--app: its '],
  ])('%s', async (_what, args, status, expected) => {
    const result = await at.init(...args);
    if (typeof expected === 'string') expect(result.complaints).toContain(expected);
    else expect(result.complaints).toMatch(expected);
    expect(result.status).toBe(status);
    expect(readdirSync(at.folder)).toEqual([]);
  });

  test('a fleet file that exists, before any question', async () => {
    put('rekey.yaml', 'mine');
    const { status, complaints } = await at.init(...whole);
    expect(complaints).toMatch(/^rekey.yaml exists already; nothing was written; [^\n]*$/);
    expect([status, content('rekey.yaml')]).toEqual([1, 'mine']);
    at.answers.push('digitalocean');
    expect((await at.asked()).complaints).toMatch(/exists already/);
    expect(at.answers).toEqual(['digitalocean']);
  });

  test('a whole app in a folder with files', async () => {
    mkdirSync(join(at.folder, 'src'));
    put('index.js');
    const { status, complaints } = await at.init('--app', ...whole);
    expect(complaints).toMatch(/ has files \(index.js, src\), and --app needs an empty folder; /);
    expect([status, existsSync(join(at.folder, 'rekey.yaml'))]).toEqual([1, false]);
  });

  test('a file that cannot be written: those that were written are removed again', async () => {
    // a dead link looks like a missing file
    at.link('nowhere/x', 'README.md');
    const { status, complaints } = await at.init('--app', ...whole);
    expect(complaints).toMatch(/nothing was written/);
    expect([status, readdirSync(at.folder)]).toEqual([1, ['README.md']]);
  });
});
