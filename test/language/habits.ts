/*
 * Habits that make a sentence hard to read, and what to write instead.
 */

interface Habit {
  readonly word: RegExp;
  readonly instead: string;
}

const habits: readonly Habit[] = [
  {
    word: /\b(?:who|what|which|when|where)(?:so)?ever\b/i,
    instead: '"who", "anything that", "any", "if"; or name the actor',
  },
  {
    word: /\b(?:some|no|any|every)body(?:'s|’s)?\b/i,
    instead: 'name the actor: "a person", "the caller", "every login", "no one"',
  },
  {
    word: /\btell(?:s|ing)?\b|\btold\b/i,
    instead: '"report", "list", "announce", "return", "show", "notify"',
  },
  { word: /\bany (?:more|longer)\b|\bis no target\b/i, instead: '"no longer", "is not"' },
  { word: /\bthe (?:one|credential|version) before\b/i, instead: '"the previous credential"' },
  { word: /\bbeside\b/i, instead: '"next to", "with", "in addition to"' },
  {
    word: /\b(?:by|of) (?:itself|themselves)\b/i,
    instead: '"automatically", "individually", "alone"',
  },
  { word: /\ball the same\b/i, instead: '"still", "anyway"' },
  { word: /\bfor want of\b/i, instead: '"because … is missing", "because time ran out"' },
  { word: /\bfor ever\b/i, instead: '"forever", "without an end"' },
  { word: /\bin the name of\b/i, instead: '"on behalf of"' },
  {
    word: /\b(?:came?|comes|become|became|becomes) of\b/i,
    instead: '"result", "outcome", "what happened to"',
  },
  {
    word: /\b(?:whence|whereby|thereby|thereof|therein|shall|reckon(?:s|ed)?|lest|hence|thus)\b/i,
    instead: 'plain words: "so", "must", "because"',
  },
  { word: /\bbears?\b/i, instead: '"carries", "has"' },
  { word: /\bmerely\b/i, instead: '"only"' },
  { word: /\b(?:burnt?|buried|soaked)\b/i, instead: '"reserved", "cleared", "soak period over"' },
  { word: /\bgoes away\b|\bgo away\b/i, instead: '"clears", "ends", "is deleted"' },
  { word: /\bnonsense\b/i, instead: '"invalid values"' },
  { word: /\bsee to\b/i, instead: '"check", "fix"' },
  { word: /\bnot tried\b|\bnever tried\b/i, instead: '"not verified", "unverified"' },
  {
    word: /\b(?:roll-back|time-out|clean-up|back-off|set-up)s?\b/i,
    instead: 'one word: rollback, timeout, cleanup, backoff, setup',
  },
  { word: /\bmis-?spelt\b/i, instead: '"misspelled"' },
  {
    word: /\b(?:behaviour|colour|honour|favour|licence|centre|catalogue|programme)(?:s|ed|ing)?\b/i,
    instead: 'American spelling',
  },
  {
    word: /\b(?:recogn|synthes|serial|initial|author|organ|summar|normal|minim|optim|sanit|custom|capital|categor)is(?:e|es|ed|ing|ation|ations)\b/i,
    instead: 'American spelling: -ize',
  },
  {
    word: /\b(?:cancell|labell|travell|modell|signall)(?:ed|ing)\b/i,
    instead: 'American spelling: one l',
  },
  { word: /\b(?:analys|catalys)(?:e|ed|ing)\b/i, instead: 'American spelling: -yze' },
];

/** Sentences that begin with a noun clause have to be read twice. Questions may begin so. */
export const opener =
  /(?:^|[.!:] )\W*(?:What|Where|Whoever|Of|Those|Whether|Whose)\b[^.?]*(?:\.|$)/;

export interface Line {
  readonly page: string;
  readonly number: number;
  readonly text: string;
}

/** Without inline code and the targets of links: they are names, not prose. */
export const prose = (text: string): string =>
  text
    .replaceAll(/<!--.*?-->/g, '')
    .replaceAll(/`[^`]*`/g, '`…`')
    .replaceAll(/\]\([^)]*\)/g, ']');

/** Habits in these lines. A phrase may go on in the next line of the same paragraph. */
export function habitsIn(lines: readonly Line[]): string[] {
  return lines.flatMap(({ page, number, text }, index) => {
    const here = prose(text);
    const next = lines[index + 1];
    const rest =
      next?.page === page && next.number === number + 1 ? ` ${prose(next.text).trim()}` : '';
    return habits.flatMap(({ word, instead }) => {
      const hit = word.exec(here + rest);
      return hit && hit.index < here.length
        ? [`${page}:${number}: "${hit[0]}"; write ${instead}`]
        : [];
    });
  });
}
