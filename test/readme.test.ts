import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseFleet } from '../lib/core/fleet/index.ts';
import { providers } from '../lib/providers/index.ts';
import { parseFleetText } from '../lib/wiring/fleet-file.ts';
import { entries } from './campaigns/reference/entries.ts';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  '.github/PULL_REQUEST_TEMPLATE.md',
  'test/README.md',
  ...globSync('docs/**/*.md'),
];
const blocks = (page: string, language: string): string[] =>
  [
    ...readFileSync(page, 'utf8').matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms')),
  ].map(([, text = '']) => text);
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Record<string, string>;
};

describe('what the documentation says', () => {
  test('every npm script in the documentation exists', () => {
    const named = pages.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/npm run ([\w-]+(?::[\w-]+)*)/g)].map(
        ([, script = '']) => script,
      ),
    );
    expect(named.length).toBeGreaterThan(5);
    expect([...new Set(named)].filter((script) => !scripts[script])).toEqual([]);
    for (const script of ['start', 'test']) expect(scripts[script]).toBeDefined();
  });

  test('the fleet files in the README and the providers’ pages are valid', () => {
    const [fleet = ''] = blocks('README.md', 'yaml');
    expect(parseFleetText(fleet, providers).targets).toHaveLength(1);
    for (const name of Object.keys(providers)) {
      const examples = blocks(`docs/providers/${name}.md`, 'yaml').map(
        (text) => parse(text) as unknown,
      );
      expect(examples.length, `an example in docs/providers/${name}.md`).toBeGreaterThan(0);
      for (const example of examples) {
        const target = Array.isArray(example)
          ? example
          : ((example as { targets?: unknown[] }).targets ?? [example]);
        expect(
          parseFleet({ fleet: 'acme', targets: target }, providers).issues,
          `docs/providers/${name}.md`,
        ).toEqual([]);
      }
    }
  });

  test('every command in the README exists', () => {
    const help = execFileSync(process.execPath, ['bin/rekey.js', '--help'], { encoding: 'utf8' });
    const named = blocks('README.md', '')
      .join('')
      .matchAll(/^rekey (\w+)/gm);
    for (const [, command = ''] of named) expect(help).toContain(`  ${command} `);
    expect(
      execFileSync(
        process.execPath,
        ['bin/rekey.js', '--fleet', 'examples/fleet.yaml', 'validate'],
        { encoding: 'utf8' },
      ),
    ).toContain('valid');
  });

  test('the README lists every module of the package', () => {
    const readme = readFileSync('README.md', 'utf8');
    const names = [...entries().flatMap((entry) => entry.names), 'cdk-rekey/schema'];
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  // readers of the page at npm have no clone
  test('commands of a clone are in sections that say so', () => {
    const sections = readFileSync('README.md', 'utf8').split(/^## /m);
    const inClone = sections.filter((text) => /^[^\n]*\bclone\n/.test(text));
    const elsewhere = sections.filter((text) => !inClone.includes(text)).join('');
    expect(inClone.join('')).toMatch(/npm start/);
    expect(elsewhere.match(/npm (?:start|test|ci|run [\w:-]+)/g) ?? []).toEqual([]);
  });

  test('every provider has a page and a row in the README', () => {
    for (const name of Object.keys(providers)) {
      expect(existsSync(`docs/providers/${name}.md`), name).toBe(true);
      expect(readFileSync('README.md', 'utf8')).toContain(`(docs/providers/${name}.md)`);
    }
  });

  test('no link in the documentation is broken', () => {
    const broken = pages.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map(([, link = '']) => join(dirname(page), link))
        .filter((path) => !existsSync(path))
        .map((path) => `${page}: ${path}`),
    );
    expect(broken).toEqual([]);
  });

  test('every file named in the documentation exists', () => {
    const missing = pages.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/`((?:bin|functions|lib|test)\/[\w./-]+)`/g)]
        .map(([, path = '']) => path)
        // the provider that the reader is about to write
        .filter((path) => !path.includes('acme') && !existsSync(path))
        .map((path) => `${page}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  test('docs/operations.md explains every error class and reason', async () => {
    const { errorCodes } = await import('../lib/core/errors.ts');
    const operations = readFileSync('docs/operations.md', 'utf8');
    const untold = errorCodes.filter((code) => !operations.includes(`\`${code}\``));
    expect(
      untold.filter(
        (code) =>
          !['secret-missing', 'secret-unreadable', 'no-rollback', 'bad-fleet'].includes(code),
      ),
    ).toEqual([]);
  });
});
