import { readFileSync } from 'node:fs';
import { answers } from './answers.ts';
import { handlers } from './handlers.ts';
import { ledgers } from './ledgers.ts';
import type { Subject } from './subject.ts';
import { texts } from './texts.ts';

export const subjects: readonly Subject[] = [...texts, ...ledgers, ...answers, ...handlers];

/** Inputs that once failed. They are always tried. */
export const kept = JSON.parse(
  readFileSync(new URL('./seeds.json', import.meta.url), 'utf8'),
) as readonly {
  readonly subject: string;
  readonly input: unknown;
}[];
