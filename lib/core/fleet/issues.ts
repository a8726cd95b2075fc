import type * as z from 'zod';

/** Something wrong in the fleet file. */
export interface Issue {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  readonly expected: string;
}

/** A zod issue as ours. The value is looked up in what was written, since zod does not keep it. */
export function explain(issue: z.core.$ZodIssue, written: unknown, base: readonly (string | number)[]): Issue[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...base, ...path, key],
      value: valueAt(written, [...path, key]),
      expected: 'no such key',
    }));
  }
  return [{ path: [...base, ...path], value: valueAt(written, path), expected: expectation(issue) }];
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && /^Invalid input/.test(issue.message)) return `a value of type ${issue.expected}`;
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  return issue.message;
}

export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}

export function textAt(value: unknown, key: string): string | undefined {
  const found = valueAt(value, [key]);
  return typeof found === 'string' ? found : undefined;
}
