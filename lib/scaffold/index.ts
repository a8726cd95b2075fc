import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withImports } from './imports.ts';
import { lists } from './lists.ts';
import { checkName, type Names, namesOf, renamed } from './names.ts';

/** The path that each template is written to. */
const places = (name: string): Readonly<Record<string, string>> => ({
  'examples/own-provider/acme-registry.ts': `lib/providers/${name}.ts`,
  'examples/own-provider/acme-vendor.ts': `lib/sandbox/vendors/${name}/index.ts`,
  'examples/own-provider/acme-registry.test.ts': `test/providers/${name}.test.ts`,
  'lib/scaffold/page.md': `docs/providers/${name}.md`,
});

/** The files of a new provider, by their paths below `root`. */
export function filesOf(root: string, name: string): Readonly<Record<string, string>> {
  const names = namesOf(name);
  const targets = places(name);
  // the text has the new name by then, also in the paths of its imports
  const files = new Map(Object.entries(targets).map(([from, to]) => [renamed(from, names), to]));
  return Object.fromEntries(
    Object.entries(targets).map(([from, to]) => {
      const text = renamed(readFileSync(join(root, from), 'utf8'), names);
      return [to, formatted(root, to, withImports(root, text, { from, to, files }))];
    }),
  );
}

/**
 * Writes a provider, its simulated vendor, its test and its page below `root`, adds it to the
 * lists, and returns the paths of the written files. A second run writes nothing, and a run after a
 * crash writes the rest. Throws before it writes anything if the name is invalid, or if a file with
 * another text exists.
 */
export function newProvider(root: string, name: string | undefined): readonly string[] {
  checkName(name);
  const files = filesOf(root, name);
  const taken = Object.keys(files).filter((file) => {
    const now = existing(root, file);
    return now !== undefined && now !== files[file];
  });
  if (taken.length > 0)
    throw new Error(`${taken.join(', ')} already exists; choose another name, or delete it first`);
  return Object.entries({ ...files, ...listsWith(root, namesOf(name)) }).flatMap(([file, text]) =>
    existing(root, file) === text ? [] : [write(root, file, text)],
  );
}

function listsWith(root: string, names: Names): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(lists).map(([file, add]) => {
      const text = readFileSync(join(root, file), 'utf8');
      return [file, formatted(root, file, add(text, names))];
    }),
  );
}

/** Formats with biome: another name changes line breaks and the order of imports. */
function formatted(root: string, file: string, text: string): string {
  if (!file.endsWith('.ts')) return text;
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'check', '--write', '--vcs-enabled=false', `--stdin-file-path=${file}`];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, input: text });
  return status === 0 ? stdout.toString() : text;
}

const existing = (root: string, file: string): string | undefined =>
  existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined;

/** Writes a file atomically. */
function write(root: string, file: string, text: string): string {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
  return file;
}
