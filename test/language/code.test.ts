import { globSync, readFileSync } from 'node:fs';
import jsTokens from 'js-tokens';
import { expect, test } from 'vitest';
import { habitsIn, type Line, opener, prose } from './habits.ts';

/*
 * Keeps comments, error texts and test titles in the same plain English as the documentation, and
 * lines short enough to read two files side by side.
 */

/** The folders whose language is held. */
const folders = ['bin', 'examples', 'functions', 'lib', 'test'];

const WIDTH = 100;

const files = folders
  .flatMap((folder) => globSync(`${folder}/**/*.ts`))
  // the habits themselves
  .filter((file) => !file.startsWith('test/language/'))
  .sort();

const comment = ['MultiLineComment', 'SingleLineComment'];
const text = ['StringLiteral', 'NoSubstitutionTemplate', 'TemplateHead', 'TemplateTail'];

/** What people read in a source file: its comments, and the strings that have words in them. */
function written(page: string, source: string): Line[] {
  let number = 1;
  const lines: Line[] = [];
  for (const { type, value } of jsTokens(source)) {
    const read = comment.includes(type) || (text.includes(type) && /\w \w/.test(value));
    // a template's backticks are not those of a name in prose
    const parts = value.replaceAll(/^[`}]|(?:`|\$\{)$/g, '').split('\n');
    if (read)
      parts.forEach((part, index) => {
        lines.push({ page, number: number + index, text: part.replace(/^\s*(?:\/?\*+|\/\/)/, '') });
      });
    number += parts.length - 1;
  }
  return lines;
}

/** Each comment as one line. */
function comments(source: string): { readonly number: number; readonly text: string }[] {
  let number = 1;
  const found: { number: number; text: string }[] = [];
  for (const { type, value } of jsTokens(source)) {
    const text = value.replaceAll(/^\s*(?:\/?\*+\/?|\/\/) ?|\s*\*\/$/gm, '').replaceAll('\n', ' ');
    if (comment.includes(type)) found.push({ number, text: text.trim() });
    number += value.split('\n').length - 1;
  }
  return found;
}

test('comments, messages and titles keep to plain words', () => {
  const found = files.flatMap((file) => habitsIn(written(file, readFileSync(file, 'utf8'))));
  expect(found).toEqual([]);
});

test('a habit is found in a comment, a message and a title, and not in a name', () => {
  const source = [
    '/** Whoever asks',
    ' * is told. */',
    "const tells = 'told';",
    "throw new Error('nobody is there');",
    'const whoever = `the one before`;',
  ].join('\n');
  expect(habitsIn(written('a.ts', source)).map((line) => line.split(';')[0])).toEqual([
    'a.ts:1: "Whoever"',
    'a.ts:2: "told"',
    'a.ts:4: "nobody"',
    'a.ts:5: "the one before"',
  ]);
});

test('no sentence of a comment begins with a noun clause', () => {
  const found = files.flatMap((file) =>
    comments(readFileSync(file, 'utf8')).flatMap(({ number, text }) => {
      const hit = opener.exec(prose(text));
      return hit ? [`${file}:${number}: "${hit[0].trim().slice(0, 60)}"`] : [];
    }),
  );
  expect(found).toEqual([]);
});

/** An import of one name cannot be broken. */
const unbreakable = /^import (?:type )?\{ \w+ \} from '[^']+';$/;

test(`lines of code have at most ${WIDTH} characters`, () => {
  const long = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        line.length > WIDTH && !unbreakable.test(line)
          ? [`${file}:${index + 1}: ${line.length} characters`]
          : [],
      ),
  );
  expect(long).toEqual([]);
});
