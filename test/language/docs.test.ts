import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { habitsIn, type Line, opener, prose } from './habits.ts';

/*
 * Keeps the documentation in plain technical English: subject first, active verb, one idea a
 * sentence, American spelling. A habit that creeps back in fails here, with the line and what to
 * write instead.
 */
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  '.github/PULL_REQUEST_TEMPLATE.md',
  'test/README.md',
  ...globSync('docs/**/*.md'),
].sort();

/** Characters in a line of prose, so that a page reads well in a terminal and in a diff. */
const WIDTH = 120;

/**
 * The lines that people write: without code blocks, front matter, and what scripts generate between
 * marks.
 */
function written(page: string): Line[] {
  let fence = false;
  let generated = false;
  const lines: Line[] = [];
  for (const [index, text] of readFileSync(page, 'utf8').split('\n').entries()) {
    if (/^\s*```/.test(text)) fence = !fence;
    else if (/^<!-- (?:figures|mutants)/.test(text)) generated = true;
    else if (/^<!-- \//.test(text)) generated = false;
    else if (!fence && !generated && !isGeneratedRow(page, text))
      lines.push({ page, number: index + 1, text });
  }
  return lines;
}

/** Rows that `npm run conformance -- --docs` writes. */
const isGeneratedRow = (page: string, text: string): boolean =>
  page.endsWith('conformance.md') && /^\| [\w.-]+\.(?:yaml|json)/.test(text);

const isHeading = (text: string): boolean => text.startsWith('#');
const isTable = (text: string): boolean => /^\s*\|/.test(text);

const all = pages.flatMap(written);

test('the pages of the documentation are looked at', () => {
  expect(pages.length).toBeGreaterThan(30);
  expect(all.length).toBeGreaterThan(1000);
});

test('the documentation keeps to plain words', () => {
  expect(habitsIn(all)).toEqual([]);
});

test('a habit is found within a line and across two, and not in code or in a link', () => {
  const lines = [
    'Whoever asks is refused all',
    'the same.',
    'See `back-off` and',
    '[this](set-up.md).',
  ];
  const found = habitsIn(
    lines.map((text, index) => ({ page: 'page.md', number: index + 1, text })),
  );
  expect(found.map((line) => line.split(';')[0])).toEqual([
    'page.md:1: "Whoever"',
    'page.md:1: "all the same"',
  ]);
});

test('no sentence of the documentation begins with a noun clause', () => {
  const found = all
    .filter(({ text }) => !isHeading(text))
    .flatMap(({ page, number, text }) => {
      const hit = opener.exec(prose(text.replace(/^[\s*|>\d.-]+/, '')));
      return hit
        ? [`${page}:${number}: "${hit[0].trim().slice(0, 60)}"; begin with the subject`]
        : [];
    });
  expect(found).toEqual([]);
});

test(`lines of prose have at most ${WIDTH} characters`, () => {
  const long = all
    .filter(({ text }) => prose(text).length > WIDTH && !isTable(text) && !isHeading(text))
    .map(
      ({ page, number, text }) =>
        `${page}:${number}: ${prose(text).length} characters; wrap the line at ${WIDTH}`,
    );
  expect(long).toEqual([]);
});
