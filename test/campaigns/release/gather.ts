import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { schemas } from '../../../lib/wiring/schemas.ts';
import { pack, run } from '../package/pack.ts';
import { entries } from '../reference/entries.ts';
import { problemsOf, reference } from '../reference/reference.ts';
import type { Bom, Facts, Manifest } from './facts.ts';

const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** The facts of this clone. Builds and packs the project, and writes the bill of materials. */
export function gather(): Facts {
  const manifest = json('package.json') as Manifest;
  const pages = problemsOf(reference(entries()), 'docs/reference');
  // before the build, which may write files that git does not ignore
  const changes = git('status', '--porcelain');
  return {
    manifest,
    lockedVersion: (json('package-lock.json') as { readonly version: string }).version,
    changelog: readFileSync('CHANGELOG.md', 'utf8'),
    packed: packed(),
    reference: [...pages.gaps, ...pages.outdated],
    schemas: outdatedSchemas(),
    bom: billOfMaterials(manifest),
    changes,
    tags: git('tag', '--list') ?? [],
  };
}

function packed(): Facts['packed'] {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-release-'));
  try {
    const tarball = pack(folder);
    run('tar', ['xzf', tarball], folder);
    const root = join(folder, 'package');
    const names = globSync('**/*', { cwd: root }).filter((name) =>
      statSync(join(root, name)).isFile(),
    );
    const files = new Map(
      names.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(root, name), 'utf8')]),
    );
    const sandbox = [...files].filter(([name]) => name.startsWith('dist/lib/sandbox/'));
    const sandboxBytes = gzipSync(sandbox.map(([, text]) => text).join('')).length;
    return { bytes: statSync(tarball).size, sandboxBytes, files };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function outdatedSchemas(): readonly string[] {
  const wanted = schemas();
  const there = globSync('**/*.json', { cwd: 'schema' });
  const differs = (file: string) =>
    !there.includes(file) || readFileSync(`schema/${file}`, 'utf8') !== wanted[file];
  return [...new Set([...there, ...Object.keys(wanted)])].filter(differs);
}

function billOfMaterials({ name, version }: Manifest): Bom | undefined {
  const file = `.rekey/${name}-${version}.cdx.json`;
  rmSync(file, { force: true });
  run(process.execPath, ['test/campaigns/supply-chain/sbom.ts'], process.cwd());
  return existsSync(file) ? (json(file) as Bom) : undefined;
}

/** Lines that git prints; undefined where it fails. */
function git(...args: readonly string[]): readonly string[] | undefined {
  try {
    const output = execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' });
    return output.split('\n').filter(Boolean);
  } catch {
    return undefined;
  }
}
