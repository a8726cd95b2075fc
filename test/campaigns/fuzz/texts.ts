import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { RekeyError } from '../../../lib/core/errors.ts';
import { providers } from '../../../lib/providers/index.ts';
import { parseChallenges } from '../../../lib/registry/challenge.ts';
import { parseFleetText } from '../../../lib/wiring/fleet-file.ts';
import { anyText, type Subject, subject } from './subject.ts';

const token = /^[!#$%&'*+.^_`|~\w-]+$/;
const pieces = fc.oneof(
  fc.constantFrom(
    'Bearer',
    'Basic',
    ' ',
    ',',
    '=',
    '"',
    '\\',
    'realm=',
    'realm="https://a.test/token"',
    'scope="a:b:c"',
    '\t',
    'abc==',
  ),
  anyText,
);

const challenges = subject(
  'WWW-Authenticate',
  fc.record({ pieces: fc.array(pieces, { maxLength: 40 }), times: fc.constantFrom(1, 1, 1, 2000) }),
  (input) => {
    for (const { scheme, params } of parseChallenges(input.pieces.join('').repeat(input.times))) {
      for (const name of [scheme, ...params.keys()]) {
        if (!token.test(name) || name !== name.toLowerCase())
          throw new Error('a name is not a lower-case token');
      }
    }
  },
);

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const written = subject(
  'WWW-Authenticate in the form that a registry writes',
  fc.array(
    fc.record({
      scheme: name,
      params: fc.dictionary(name, fc.string({ maxLength: 20 }), { minKeys: 1 }),
    }),
    {
      maxLength: 4,
    },
  ),
  (input) => {
    const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
    const header = input.map(
      ({ scheme, params }) =>
        `${scheme} ${Object.entries(params)
          .map(([key, value]) => `${key}=${quoted(value)}`)
          .join(', ')}`,
    );
    const read = parseChallenges(header.join(', ')).map(({ scheme, params }) => ({
      scheme,
      params: Object.fromEntries(params),
    }));
    if (JSON.stringify(read) !== JSON.stringify(input))
      throw new Error(`was read as ${JSON.stringify(read)}`);
  },
);

const example = readFileSync(new URL('../../../examples/fleet.yaml', import.meta.url), 'utf8');
const odd = fc.oneof(
  fc.constantFrom(
    ...[
      '&a ',
      '*a',
      '<<: *a',
      '__proto__: {}',
      'constructor:',
      '!!js/function x',
      '!!binary x',
      '\t',
      '? ',
      '- ',
      '|',
      '>',
      '{',
      '}',
    ],
    ...[
      '[',
      ']',
      '---\n',
      '...\n',
      '%YAML 9\n',
      ': ',
      '#',
      "'",
      '"',
      '0x1F',
      '1e999',
      '.inf',
      '~',
      '9999999d',
      '\u0000',
      '\ufeff',
    ],
  ),
  anyText,
);
const edit = fc.record({
  at: fc.nat(),
  cut: fc.constantFrom(0, 0, 1, 5, 200),
  put: odd,
  times: fc.constantFrom(1, 1, 1, 50),
});

const fleet = subject('fleet file', fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
  let text = example;
  for (const { at, cut, put, times } of edits) {
    const start = at % (text.length + 1);
    text = text.slice(0, start) + put.repeat(times) + text.slice(start + cut);
  }
  readsOrTells(text);
});

/** A position in the example, and the value to put there. */
const data = fc.record({
  at: fc.nat(),
  value: fc.oneof(fc.jsonValue(), anyText, fc.constant(undefined)),
});
const fleetData = subject(
  'fleet file as JSON',
  fc.array(data, { minLength: 1, maxLength: 4 }),
  (changes) => {
    const file: unknown = JSON.parse(JSON.stringify(parsedExample));
    for (const { at, value } of changes) replaced(file, at, value);
    readsOrTells(JSON.stringify(file));
  },
);

const parsedExample: unknown = (await import('yaml')).parse(example);

/** Replaces one of all nested values by another value. `undefined` removes it. */
export function replaced(inside: unknown, at: number, value: unknown): void {
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const walk = (holder: unknown) => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const [key, inner] of Object.entries(holder)) {
      places.push({ holder: holder as Record<string, unknown>, key });
      walk(inner);
    }
  };
  walk(inside);
  const place = places[at % Math.max(1, places.length)];
  if (!place) return;
  if (value === undefined) delete place.holder[place.key];
  else place.holder[place.key] = value;
}

/** Returns a fleet, or throws `bad-fleet` with a position on each line. */
function readsOrTells(text: string): void {
  try {
    if (!parseFleetText(text, providers).id) throw new Error('a fleet without an id');
  } catch (error) {
    if (!(error instanceof RekeyError) || error.code !== 'bad-fleet') throw error;
    const lines = error.message.split('\n');
    const lost = lines.find(
      (line) =>
        !/^rekey\.yaml:(\d+:\d+ | more than 100 aliases| an alias )|^when these are corrected/.test(
          line,
        ),
    );
    if (lost !== undefined) throw new Error(`a line without a position: ${JSON.stringify(lost)}`);
  }
  if (Object.keys(Object.prototype).length > 0)
    throw new Error('the prototype of all objects was changed');
}

export const texts: readonly Subject[] = [challenges, written, fleet, fleetData];
