import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { entries } from './entries.ts';
import { problemsOf, reference } from './reference.ts';

/*
 * `npm run reference`: writes docs/reference from the docstrings of the package's modules, one page
 * for each. `-- --check` writes nothing. Either ends with status 1 if the pages are incomplete;
 * `--check` also if they differ from the code.
 */
const folder = 'docs/reference';
const made = reference(entries());
const problems = problemsOf(made, folder);
if (process.argv.includes('--check')) {
  report([...problems.gaps, ...problems.outdated]);
} else {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) if (!made.pages[file]) rmSync(`${folder}/${file}`);
  for (const [file, text] of Object.entries(made.pages)) writeFileSync(`${folder}/${file}`, text);
  report(problems.gaps);
}

function report(found: readonly string[]): void {
  for (const problem of found) process.stdout.write(`${problem}\n`);
  const pages = Object.keys(made.pages).length;
  process.stdout.write(
    `reference: ${pages} pages, ${made.symbols} symbols, ${found.length} wrong\n`,
  );
  process.exitCode = found.length > 0 ? 1 : 0;
}
