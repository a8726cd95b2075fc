import { splitLabel, writeLabel } from './format.ts';
import { failures } from './kinds/failures.ts';
import type { LabelKind, Parsed } from './kinds/kind.ts';
import { life } from './kinds/life.ts';
import { requests } from './kinds/requests.ts';
import type { Version } from './version.ts';

export { digest, PREFIX } from './format.ts';

/**
 * All kinds of staging labels that rekey writes and reads. A new kind is one entry. A new field
 * goes to the end of its label, and labels without it stay readable.
 */
const kinds = { ...life, ...requests, ...failures };

/** The name of a kind of label, as it is written in the label: `revoke-after`, for example. */
export type Kind = keyof typeof kinds;

/** `revokeAfter` for `revoke-after`. */
type Camel<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<Rest>}`
  : Name;

type Labels = {
  readonly [Each in Kind as Camel<Each>]: (
    version: string,
    ...values: Parameters<(typeof kinds)[Each]['write']>
  ) => string;
};

/** Formats labels, with one function for each kind: `labels.warned(version, at)`. */
export const labels = Object.fromEntries(
  Object.entries<LabelKind>(kinds).map(([kind, { write, optional }]) => [
    kind.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
    (version: string, ...values: never[]) => writeLabel(kind, version, write(...values), optional),
  ]),
) as Labels;

/**
 * Parses a label: returns the part of a version that it sets, given what other labels made `known`;
 * an empty object if the label is unknown.
 */
export function parseLabel(label: string, known: Version): Parsed {
  const { kind = '', fields = [] } = splitLabel(label, known.id) ?? {};
  return Object.hasOwn(kinds, kind) ? kinds[kind as Kind].read(fields, known) : {};
}
