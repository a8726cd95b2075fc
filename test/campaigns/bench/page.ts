import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { pageOf } from './performance.ts';
import type { Figures } from './report.ts';

/*
 * `npm run performance -- <file>`: writes docs/performance.md from the figures that
 * `npm run bench -- --json <file>` wrote.
 */
const { positionals } = parseArgs({ allowPositionals: true });
const [file] = positionals;
if (!file) {
  process.stderr.write('which figures? npm run bench -- --json FILE, then pass FILE here\n');
  process.exitCode = 2;
} else {
  const figures: Figures = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync('docs/performance.md', pageOf(figures));
}
