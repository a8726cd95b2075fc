import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { initIn, type Started } from '../support/init.ts';

let at: Started;
beforeEach(() => {
  at = initIn();
});

const content = (file: string) => readFileSync(join(at.folder, file), 'utf8');
const whole = [
  ...['--provider', 'digitalocean', '--fleet-id', 'shop', '--target', 'shop-images'],
  ...['--param', 'registry=shop'],
];
const files = [
  ...['.gitignore', 'README.md', 'bin', 'cdk.json', 'package.json', 'rekey.yaml'],
  'tsconfig.json',
];

describe('rekey init --app', () => {
  test('writes an app with the tested versions and a stack named after the fleet', async () => {
    const { status, text } = await at.init('--app', ...whole);
    expect([status, readdirSync(at.folder).sort()]).toEqual([0, files]);
    expect(text).toMatch(/npm install\n.*cdk-rekey validate\n.*cdk bootstrap\n.*cdk deploy/s);
    const own = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(JSON.parse(content('package.json'))).toMatchObject({
      name: 'rekey-shop',
      type: 'module',
      dependencies: {
        'cdk-rekey': own.version,
        'aws-cdk-lib': own.devDependencies['aws-cdk-lib'],
        constructs: own.devDependencies.constructs,
      },
      devDependencies: { 'aws-cdk': own.devDependencies['aws-cdk'] },
    });
    expect(content('bin/app.ts')).toContain("new Stack(app, 'rekey-shop'");
    expect(content('README.md')).toContain('the stack `rekey-shop`');
    expect(JSON.parse(content('cdk.json')).app).toBe('node bin/app.ts');
  });

  test('keeps the files that a new repository has', async () => {
    for (const file of ['.gitignore', 'README.md', 'LICENSE', '.git'])
      writeFileSync(join(at.folder, file), 'mine');
    expect((await at.init('--app', ...whole)).status).toBe(0);
    for (const file of ['.gitignore', 'README.md', 'LICENSE', '.git'])
      expect(content(file), file).toBe('mine');
    expect(content('package.json')).toContain('rekey-shop');
  });

  test('without a terminal, only the fleet file is written unless --app is given', async () => {
    expect((await at.init(...whole)).status).toBe(0);
    expect(readdirSync(at.folder)).toEqual(['rekey.yaml']);
  });
});

describe('rekey init on a terminal', () => {
  test('asks for what no flag says, again after a wrong answer, and writes an app', async () => {
    at.answers.push('ionos', 'Shop', 'shop', '', 'shop-images');
    at.answers.push('12', '5e1fa0b7-2d43-4c0e-9c55-8a6f3f1d7b20', '', 'yes');
    const { status } = await at.asked();
    expect(status).toBe(0);
    expect(at.shown).toEqual([
      'Provider of the registry',
      expect.stringMatching(/^ionos: https:.*\/docs\/providers\/ionos\.md$/),
      expect.stringMatching(/^Id of the fleet/),
      expect.stringMatching(/^"Shop"; expected a fleet id/),
      expect.stringMatching(/^Name of the target/),
      expect.stringMatching(/^""; expected a name/),
      'registryId: Id of the container registry.',
      'text of 2 characters; expected the id of a registry, a UUID',
      'scopes: What the tokens may do. [[{type: repository, name: "*", actions: [pull]}]]',
      expect.stringMatching(/^The folder is empty/),
    ]);
    expect(content('rekey.yaml')).toContain(
      'scopes: [{type: repository, name: "*", actions: [pull]}]',
    );
    expect(readdirSync(at.folder).sort()).toEqual(files);
  });

  test('asks for one of two parameters, of which the schema wants exactly one', async () => {
    at.answers.push('team/app', 'no');
    const flags = ['--provider', 'gitlab-deploy-token', '--fleet-id', 'a', '--target', 'x'];
    expect((await at.asked(...flags)).status).toBe(0);
    expect(at.shown).toContain('project: The project whose registry the tokens are for.');
    expect(content('rekey.yaml')).toContain('project: team/app');
    expect(readdirSync(at.folder)).toEqual(['rekey.yaml']);
  });

  test('asks nothing that the flags say, and no app into a folder with files', async () => {
    writeFileSync(join(at.folder, 'cdk.json'), '{}');
    expect((await at.asked(...whole)).status).toBe(0);
    expect(at.shown).toEqual([expect.stringMatching(/^digitalocean: https:/)]);
  });

  test.each([
    ['shop', 'shop', ''],
    ['My Shop', undefined, 'shop'],
  ])('proposes the folder %s as the id of the fleet if it can be one', async (...row) => {
    const [folder, proposed, answer] = row;
    at = initIn(folder);
    const flags = ['--provider', 'digitalocean', '--target', 'x', '--param', 'registry=a'];
    at.answers.push(answer, 'no');
    await at.asked(...flags);
    const question = at.shown.find((line) => line.startsWith('Id of the fleet'));
    expect(/\[(.*)\]$/.exec(question ?? '')?.[1]).toBe(proposed);
    expect(content('rekey.yaml')).toContain('fleet: shop ');
  });
});
