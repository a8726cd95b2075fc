import * as z from 'zod/mini';
import { RekeyError } from '../core/errors.ts';
import type { Providers } from '../core/fleet/index.ts';
import type { Provider } from '../core/provider.ts';
import { providers } from '../providers/index.ts';

const isFunction = z.custom<unknown>((value) => typeof value === 'function', 'a function');
const isSchema = z.custom<unknown>(
  (value) => typeof (value as Partial<z.ZodMiniType> | undefined)?.safeParse === 'function',
  'a zod schema',
);
const isFlag = z.boolean('true or false');

/** The form of a provider that `defineProvider` returned. */
const made = z.object(
  {
    name: z
      .string('a name')
      .check(z.regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name of 1 to 63 characters: a-z, 0-9 and -')),
    capabilities: z.object(
      {
        expiry: isFlag,
        liveAtOnce: z.custom<number>((value) => Number(value) >= 1, 'a number of at least 1'),
        readAgain: isFlag,
        bearer: isFlag,
      },
      'the result of defineProvider',
    ),
    params: isSchema,
    admin: isSchema,
    endpoint: z.string('a URL'),
    realms: z.array(z.string(), 'a list of host suffixes'),
    check: isFunction,
    issue: isFunction,
    ...Object.fromEntries(
      ['address', 'place', 'actions', 'lifetime', 'find', 'revoke', 'enable'].map((name) => [
        name,
        z.optional(isFunction),
      ]),
    ),
  },
  'the result of defineProvider',
);

/**
 * The providers of a user, by name, together with rekey's own. Throws `bad-fleet` with a line for
 * each problem, which begins with `file`.
 *
 * @param exported the default export of the file: a provider, a list, or a record of providers
 */
export function withOwn(exported: unknown, file: string): Providers {
  const list = listOf(exported);
  if (list.length === 0)
    throw bad([`${file}: expected a default export: a provider, or a list of providers`]);
  const problems: string[] = [];
  const own = new Map<string, Provider>();
  for (const [at, one] of list) {
    const parsed = made.safeParse(one);
    const where = (path: readonly PropertyKey[]) => [at, ...path].filter((key) => key !== '');
    for (const { path, message } of parsed.error?.issues ?? [])
      problems.push(`${file}: ${where(path).join('.') || 'default'}: expected ${message}`);
    if (!parsed.success) continue;
    const { name } = parsed.data;
    if (Object.hasOwn(providers, name)) problems.push(`${file}: ${name} is a provider of rekey`);
    else if (own.has(name)) problems.push(`${file}: two providers have the name ${name}`);
    else own.set(name, one as Provider);
  }
  if (problems.length > 0) throw bad(problems);
  return { ...providers, ...Object.fromEntries(own) };
}

/** The names of the providers that are not rekey's. */
export const ownAmong = (known: Providers): readonly string[] =>
  Object.keys(known).filter((name) => !Object.hasOwn(providers, name));

/** Every exported value with its key. */
function listOf(exported: unknown): readonly (readonly [string, unknown])[] {
  if (typeof exported !== 'object' || exported === null) return [];
  return 'issue' in exported ? [['', exported]] : Object.entries(exported);
}

const bad = (problems: readonly string[]): RekeyError =>
  new RekeyError('bad-fleet', problems.join('\n'));
