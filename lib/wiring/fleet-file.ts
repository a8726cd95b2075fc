import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LineCounter, parseDocument, type YAMLError } from 'yaml';
import { RekeyError } from '../core/errors.ts';
import {
  type Fleet,
  formatIssue,
  formatPath,
  type Issue,
  type Providers,
  parseFleet,
} from '../core/fleet/index.ts';
import { printable } from '../core/printable.ts';
import { bad, MAX_PROBLEMS, remarks, withCa } from './fleet.ts';

const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads the fleet file. Throws `bad-fleet` with a line for each problem, in the order of the file:
 *
 *     rekey.yaml:12:15 targets[0].grace: "40d"; expected shorter than the interval (30d)
 */
export function readFleetFile(file: string, providers: Providers): Fleet {
  return parseFleetText(readFleetText(file), providers, file);
}

/**
 * Parses the text of a fleet file, as `readFleetFile` does. Errors name `file`, and the path
 * `network.ca` is relative to its folder.
 */
export function parseFleetText(text: string, providers: Providers, file = 'rekey.yaml'): Fleet {
  const lines = new LineCounter();
  // tags are not resolved, so the document is plain data
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    resolveKnownTags: false,
    logLevel: 'error',
  });
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0) {
    throw bad(
      wrong.slice(0, MAX_PROBLEMS).map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return `${file}:${line}:${col} not YAML: ${printable(complaint(error))}`;
      }),
    );
  }
  if (document.contents === null)
    throw bad([`${file}:1:1 is empty; expected "fleet" and "targets"`]);
  const data = toData(() => document.toJS({ maxAliasCount: 100 }), file);
  const parsed = parseFleet(data, providers);
  const { partial } = parsed;
  const { fleet, issues } = parsed.fleet ? withCa(parsed.fleet, dirname(file)) : parsed;
  if (fleet) return fleet;
  const shown = issues
    .slice(0, MAX_PROBLEMS)
    .map((issue) => ({ issue, at: placeOf(document, issue.path) }))
    .sort((one, other) => one.at - other.at)
    .map(({ issue, at }) => {
      const { line, col } = lines.linePos(at);
      const problem = `${formatPath(issue.path)}: ${formatIssue(issue)}`;
      return `${file}:${line}:${col} ${printable(problem)}`;
    });
  throw bad([...shown, ...remarks(issues, partial)]);
}

/** The parser's message without the text that it quotes, which may be a credential. */
function complaint({ code, message }: YAMLError): string {
  if (code === 'TAG_RESOLVE_FAILED') return 'Unresolved tag';
  if (code === 'BAD_DQ_ESCAPE') return 'Invalid escape sequence';
  if (code === 'BAD_DIRECTIVE') return 'Directive that is not understood';
  return code === 'UNEXPECTED_TOKEN' ? (message.split(': ')[0] ?? '') : message;
}

/** Offset of the value at a path, or of the nearest enclosing value in the file. */
function placeOf(document: ReturnType<typeof parseDocument>, path: Issue['path']): number {
  for (let length = path.length; length > 0; length--) {
    const range = keyRange(document, path.slice(0, length));
    if (range !== undefined) return range;
  }
  return keyRange(document, []) ?? 0;
}

/** Offset of the value at a path. */
function keyRange(
  document: ReturnType<typeof parseDocument>,
  path: Issue['path'],
): number | undefined {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const range = (node as { range?: readonly number[] } | null | undefined)?.range;
  return range?.[0];
}

/** The text of a fleet file; throws `bad-fleet` if it cannot be read. */
export function readFleetText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > MAX_BYTES) throw bad([`${file} has ${size} bytes; expected at most ${MAX_BYTES}`]);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof RekeyError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw bad([
      missing
        ? `${file} does not exist; write one with rekey init, or name another with --fleet`
        : `${file} cannot be read`,
    ]);
  }
}

function toData(read: () => unknown, file: string): unknown {
  try {
    return read();
  } catch (error) {
    const dangling = error instanceof Error && error.message.startsWith('Unresolved alias');
    throw bad([
      `${file}: ${dangling ? 'an alias without an anchor before it' : 'more than 100 aliases'}`,
    ]);
  }
}
