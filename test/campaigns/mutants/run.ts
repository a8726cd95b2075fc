import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Guard, guards } from './guards.ts';

/*
 * Breaks each guard in a copy of the tree, one at a time, and runs the tests that must notice. Ends
 * with `mutants: N guards, N noticed`, and with status 1 if a broken guard was not noticed.
 */
interface Result {
  readonly name: string;
  readonly noticedBy: string | undefined;
}

/** A copy of the tree with its tracked and new files, and the same packages. */
function copyOfTree(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-mutant-'));
  const files = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '-z'],
    { encoding: 'utf8' },
  );
  for (const file of files.split('\0').filter((name) => name !== ''))
    cpSync(file, join(folder, file), { recursive: true, force: true });
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** The first failing test, if any. */
function failing(
  folder: string,
  tests: readonly string[],
  within = 240_000,
): Promise<string | undefined> {
  const report = join(folder, 'mutant-report.json');
  rmSync(report, { force: true });
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...tests,
    '--bail',
    '1',
    '--reporter',
    'json',
    '--outputFile',
    report,
  ];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      {
        cwd: folder,
        env: { ...process.env, REKEY_TESTS: 'all' },
        timeout: within,
        maxBuffer: 1 << 26,
      },
      (error) => {
        if (!error) return resolve(undefined);
        resolve(firstFailure(report) ?? 'the run itself failed');
      },
    );
  });
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

function firstFailure(file: string): string | undefined {
  try {
    const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report;
    return testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .find(({ status }) => status === 'failed')?.fullName;
  } catch {
    return undefined;
  }
}

/** Breaks one place. Returns a function that mends it. */
function breakIn(
  folder: string,
  { file, code, broken }: Pick<Guard, 'file' | 'code' | 'broken'>,
): () => void {
  const path = join(folder, file);
  const before = readFileSync(path, 'utf8');
  if (before.split(code).length !== 2)
    throw new Error(`the code to break does not occur exactly once in ${file}: ${code}`);
  writeFileSync(
    path,
    before.replace(code, () => broken),
  );
  return () => writeFileSync(path, before);
}

async function tried(folder: string, guard: Guard): Promise<Result> {
  const { name, tests, also } = guard;
  const mend = [guard, ...(also ? [also] : [])].map((place) => breakIn(folder, place));
  try {
    const noticedBy = await failing(folder, tests);
    const how = noticedBy ? `noticed  ${name}\n         by: ${noticedBy}` : `NOT NOTICED  ${name}`;
    process.stdout.write(`${how}\n`);
    return { name, noticedBy };
  } finally {
    // in reverse order, because two places of one guard may be in one file
    for (const each of mend.reverse()) each();
  }
}

const only = process.argv[2];
const wanted = guards.filter(({ name }) => !only || name.includes(only));
if (wanted.length === 0) throw new Error(`no guard has ${JSON.stringify(only)} in its name`);
const queue = [...wanted];
const results: Result[] = [];
const folders = Array.from({ length: Math.min(availableParallelism(), wanted.length) }, copyOfTree);
const started = performance.now();
try {
  const whole = await failing(
    folders[0] ?? '',
    [...new Set(wanted.flatMap(({ tests }) => tests))],
    20 * 60_000,
  );
  if (whole) throw new Error(`a test fails although no guard is broken: ${whole}`);
  await Promise.all(
    folders.map(async (folder) => {
      for (let guard = queue.shift(); guard; guard = queue.shift())
        results.push(await tried(folder, guard));
    }),
  );
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
const noticed = results.filter(({ noticedBy }) => noticedBy).length;
mkdirSync('.rekey', { recursive: true });
const ordered = wanted.map(({ name }) => results.find((result) => result.name === name));
const seconds = Math.round((performance.now() - started) / 1000);
writeFileSync('.rekey/mutants.json', JSON.stringify({ guards: ordered, seconds }, undefined, 2));
process.stdout.write(`mutants: ${results.length} guards, ${noticed} noticed\n`);
process.exitCode = noticed === wanted.length ? 0 : 1;
