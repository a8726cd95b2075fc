import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const page = readFileSync('docs/getting-started.md', 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter(([, info]) => info === language)
    .map(([, , text = '']) => text);
const commands = blocks('sh').flatMap((text) => text.trim().split('\n'));
const ours = commands
  .filter((line) => line.startsWith('npx cdk-rekey '))
  .map((line) => line.split(' ').slice(2));

const folder = mkdtempSync(join(tmpdir(), 'rekey-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a command of the page in a folder of its own, and returns what it prints. */
const rekey = (args: readonly string[]): string =>
  execFileSync(process.execPath, [resolve('bin/rekey.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

test('the commands of docs/getting-started.md have these names and options', () => {
  expect(ours.length).toBeGreaterThan(8);
  for (const args of ours) {
    // help is printed only if everything before it can be parsed
    const help = rekey([...args.filter((arg) => arg !== '--app'), '--help']);
    const name = args.find((arg) => /^(?!--|.*\/)/.test(arg)) ?? '';
    expect(help, args.join(' ')).toContain(`Usage: rekey ${name}`);
    for (const option of args.filter((arg) => arg.startsWith('--'))) expect(help).toContain(option);
  }
});

test('rekey init writes what docs/getting-started.md shows, and validate accepts it', () => {
  const init = ours.find((args) => args.includes('--app')) ?? [];
  const output = rekey(init);
  expect(blocks('')).toContain(`${output.split('\n')[0]}\n`);
  const anyVersion = (text = '') => text.replaceAll(/cdk-rekey@[\d.]+/g, 'cdk-rekey@…');
  const written = readFileSync(join(folder, 'rekey.yaml'), 'utf8');
  expect(anyVersion(written)).toBe(anyVersion(blocks('yaml')[0]));
  expect(blocks('')).toContain(rekey(['validate']));
  // the page has the next steps of the output, each as a command
  const next = [...output.matchAll(/^ {5}(npm|npx|aws) .*$/gm)].map(([line]) => line.trim());
  expect(next.length).toBeGreaterThan(4);
  for (const step of next) {
    const [words = ''] = step.split(' \\');
    expect(commands.some((line) => line.startsWith(words))).toBe(true);
  }
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  expect({ ...dependencies, ...devDependencies }).toMatchObject({
    'cdk-rekey': expect.any(String),
    // npx cdk
    'aws-cdk': expect.any(String),
  });
});

test('rekey demo ends with the line that docs/getting-started.md shows', () => {
  expect(page).toContain(`\n${rekey(['demo']).trim().split('\n').at(-1)}\n`);
});
