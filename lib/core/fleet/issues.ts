import type * as z from 'zod';
import { didYouMean } from './similar.ts';

/** A problem in the fleet file. */
export interface Issue {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** The problem, if the value alone does not show it. */
  readonly found?: string | undefined;
  readonly expected: string;
  /** Set for an unknown key; `expected` then suggests a known key, if one is similar. */
  readonly unknown?: true;
  /** The default, which counts if nothing is written. */
  readonly byDefault?: string;
}

/**
 * For `safeParse`: an issue about unknown keys lists the known ones, so that `explain` can suggest
 * one.
 */
export const knownKeys = {
  error: (issue: z.core.$ZodRawIssue): string | undefined => {
    if (issue.code !== 'unrecognized_keys') return undefined;
    const shape = (
      issue.inst as { readonly _zod?: { readonly def?: { readonly shape?: object } } } | undefined
    )?._zod?.def?.shape;
    return Object.keys(shape ?? {}).join(' ');
  },
};

/** Converts a zod issue. The value is looked up in the written file, since zod does not keep it. */
export function explain(
  issue: z.core.$ZodIssue,
  written: unknown,
  base: readonly (string | number)[],
): Issue[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ');
    return issue.keys.map((key) => ({
      path: [...base, ...path, key],
      value: undefined,
      expected: didYouMean(key, known),
      unknown: true,
    }));
  }
  return [
    { path: [...base, ...path], value: valueAt(written, path), expected: expectation(issue) },
  ];
}

const types: Readonly<Record<string, string>> = {
  object: 'a map of keys and values',
  array: 'a list, such as [a, b]',
  string: 'text',
  boolean: 'true or false',
};

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && /^Invalid input/.test(issue.message))
    return types[issue.expected] ?? `a ${issue.expected}`;
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  return issue.message;
}

/** Keys at which people paste the credential itself instead of the name of its secret. */
const sensitive = new Set<string | number>(['admin', 'secret', 'params']);

/**
 * The text of an issue: the wrong value, and the expected one. If the value may be a credential,
 * the text has only its type or length.
 */
export function formatIssue({ path, value, found, expected, unknown, byDefault }: Issue): string {
  if (unknown) return `unknown key${expected}`;
  return `${found ?? shown(value, path, byDefault)}; expected ${expected}`;
}

function shown(value: unknown, path: Issue['path'], byDefault: string | undefined): string {
  if (value === undefined) return byDefault === undefined ? 'missing' : `${byDefault} (default)`;
  if (value === null) return 'empty';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a map';
  const hidden = path.some((part) => sensitive.has(part));
  if (typeof value === 'string') {
    const text = JSON.stringify(value);
    return hidden || text.length > LONGEST || /\/\/[^/]*@/.test(value)
      ? `text of ${value.length} characters`
      : text;
  }
  return hidden && typeof value !== 'boolean' ? `a ${typeof value}` : String(value);
}

/** Names, durations and expressions are shorter; tokens are longer. */
const LONGEST = 60;

/**
 * A path as `targets[0].params.scopes`. A very long key may be a credential: only its length is
 * shown.
 */
export function formatPath(path: Issue['path']): string {
  const text = path.reduce<string>((whole, part) => {
    if (typeof part === 'number') return `${whole}[${part}]`;
    const key = part.length > LONGEST_KEY ? `(a key of ${part.length} characters)` : part;
    return `${whole}${whole && '.'}${key}`;
  }, '');
  return text || 'the file';
}

const LONGEST_KEY = 40;

/**
 * The value at this path in parsed YAML or JSON; `undefined` if a part of the path is missing.
 * Inherited properties, such as `constructor`, do not count.
 */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}

/** The text at a key of a map; `undefined` if the key is missing or its value is not text. */
export function textAt(value: unknown, key: string): string | undefined {
  const found = valueAt(value, [key]);
  return typeof found === 'string' ? found : undefined;
}
