import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Entry } from './entries.ts';
import { gaps, unnamed } from './model.ts';
import { pageOf } from './page.ts';
import { read } from './read.ts';

/** The pages of the reference, and what the sources lack. */
export interface Reference {
  /** By file name. */
  readonly pages: Readonly<Record<string, string>>;
  readonly symbols: number;
  readonly gaps: readonly string[];
}

/** Makes the reference of these modules. */
export function reference(entries: readonly Entry[]): Reference {
  const modules = read(entries.map(({ source }) => source));
  const all = entries.map((entry, index) => ({ entry, exported: modules[index] ?? [] }));
  return {
    pages: Object.fromEntries(
      all.map(({ entry, exported }) => [`${entry.page}.md`, pageOf(entry, exported)]),
    ),
    symbols: modules.flat().length,
    gaps: [
      ...all.flatMap(({ entry, exported }) => gaps(entry.page, exported)),
      ...unnamed(modules),
    ],
  };
}

/** Compares the reference with the pages in a folder. Each problem is one sentence. */
export function problemsOf(
  { pages, gaps }: Reference,
  folder: string,
): { readonly gaps: readonly string[]; readonly outdated: readonly string[] } {
  const committed = existsSync(folder) ? readdirSync(folder) : [];
  const differs = (file: string) =>
    !committed.includes(file) || readFileSync(`${folder}/${file}`, 'utf8') !== pages[file];
  const wrong = [...new Set([...Object.keys(pages), ...committed])].filter(differs).sort();
  return {
    gaps: gaps.map((gap) => `${gap}; complete it in the source`),
    outdated: wrong.map(
      (file) => `${folder}/${file} differs from the code; run npm run reference and commit it`,
    ),
  };
}
