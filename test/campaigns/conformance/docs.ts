import type { Difference } from './difference.ts';
import { differences } from './differences.ts';

/** A difference as a row of the table in docs/conformance.md. */
function lineOf({ documents, operations, where, what, why }: Difference): string {
  const cells = [
    documents.join(', '),
    operations.map((operation) => `\`${operation}\``).join(', '),
    `${where}: ${what.join('; ')}`,
    why,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const isRow = (line: string): boolean => /^\| [\w.-]+\.(?:yaml|json)/.test(line);

/** The page with an up-to-date table. */
export function inStep(page: string): string {
  const lines = page.split('\n').filter((line) => !isRow(line));
  const head = lines.findIndex((line) => line.startsWith('|--'));
  return lines.toSpliced(head + 1, 0, ...differences.map(lineOf)).join('\n');
}
