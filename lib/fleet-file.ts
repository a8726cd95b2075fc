import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { readCa } from './ca-file.ts';
import { RekeyError } from './core/errors.ts';
import { type Fleet, type Issue, type Providers, parseFleet } from './core/fleet/index.ts';

const MAX_BYTES = 4 * 1024 * 1024;
/** Problems that are told; to find the place of each takes a walk through the file. */
const MAX_PROBLEMS = 100;

/**
 * Reads the fleet file. Throws `bad-fleet` with a line for each thing that is wrong, all of them at once:
 *
 *     rekey.yaml:12:15 targets[0].grace: "40d" is not shorter than the interval (30d)
 */
export function readFleetFile(file: string, providers: Providers): Fleet {
  return parseFleetText(readFleetText(file), providers, file);
}

/** The same for a text that was read elsewhere; `file` is named in errors, and its folder is where the path `network.ca` starts. */
export function parseFleetText(text: string, providers: Providers, file = 'rekey.yaml'): Fleet {
  const lines = new LineCounter();
  // plain data: tags make nothing of it
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, resolveKnownTags: false, logLevel: 'error' });
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0) {
    throw bad(
      wrong.slice(0, MAX_PROBLEMS).map(({ pos, message }) => {
        const { line, col } = lines.linePos(pos[0]);
        return `${file}:${line}:${col} not YAML: ${printable(message)}`;
      }),
    );
  }
  if (document.contents === null) throw bad([`${file}:1:1 is empty; expected "fleet" and "targets"`]);
  const data = toData(() => document.toJS({ maxAliasCount: 100 }), file);
  const parsed = parseFleet(data, providers);
  const { fleet, issues } = parsed.fleet ? withCa(parsed.fleet, dirname(file)) : parsed;
  if (fleet) return fleet;
  const position = (path: Issue['path']): string => {
    for (let length = path.length; length >= 0; length--) {
      const range = keyRange(document, path.slice(0, length));
      if (range !== undefined) {
        const { line, col } = lines.linePos(range);
        return `${line}:${col}`;
      }
    }
    return '1:1';
  };
  const lost = issues.length - MAX_PROBLEMS;
  const told = issues.slice(0, MAX_PROBLEMS).map((issue) => {
    const what = printable(`${formatPath(issue.path)}: ${formatValue(issue)}; expected ${issue.expected}`);
    return `${file}:${position(issue.path)} ${what}`;
  });
  throw bad([...told, ...(lost > 0 ? [`and ${lost} more`] : [])]);
}

/** The fleet with the certificates themselves in place of the path to them. */
function withCa(fleet: Fleet, folder: string): { readonly fleet?: Fleet; readonly issues: readonly Issue[] } {
  const { network } = fleet;
  if (network?.ca === undefined) return { fleet, issues: [] };
  const found = readCa(resolve(folder, network.ca));
  if ('pem' in found) return { fleet: { ...fleet, network: { ...network, ca: found.pem } }, issues: [] };
  return { issues: [{ path: ['network', 'ca'], value: network.ca, expected: found.expected }] };
}

/** On one line, and harmless to a terminal: what somebody wrote as a key or a value must not pass for a line of its own. */
const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);

/** Offset of the value at a path. */
function keyRange(document: ReturnType<typeof parseDocument>, path: Issue['path']): number | undefined {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const range = (node as { range?: readonly number[] } | null | undefined)?.range;
  return range?.[0];
}

function formatPath(path: Issue['path']): string {
  return (
    path.reduce<string>(
      (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text ? '.' : ''}${part}`),
      '',
    ) || 'the file'
  );
}

/** What stands there; not for a key that has no business there, since it may be a secret that strayed into the file. */
function formatValue({ value, expected }: Issue): string {
  if (expected === 'no such key') return 'unknown key';
  if (value === undefined) return 'missing';
  const text = json(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return 'a value that holds itself';
  }
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
      missing ? `${file} does not exist; copy examples/fleet.yaml, or name another file with --fleet` : `${file} cannot be read`,
    ]);
  }
}

function toData(read: () => unknown, file: string): unknown {
  try {
    return read();
  } catch {
    throw bad([`${file}: too many aliases; expected at most 100`]);
  }
}

const bad = (problems: readonly string[]): RekeyError => new RekeyError('bad-fleet', problems.join('\n'));
