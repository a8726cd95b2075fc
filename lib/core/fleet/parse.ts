import type * as z from 'zod';
import type { Provider } from '../provider.ts';
import { formatDuration, parseDuration } from '../time.ts';
import { explain, type Issue, knownKeys, textAt, valueAt } from './issues.ts';
import { placeOf } from './place.ts';
import { resolve } from './resolve.ts';
import { fleetSchema, formerSchema, type Providers, targetSchema } from './schema.ts';
import type { Fleet, Former, Target } from './target.ts';
import { type Problem, unsafe } from './unsafe.ts';

interface Parsed {
  readonly fleet?: Fleet;
  readonly issues: readonly Issue[];
  /**
   * Some targets could not be parsed, so the combinations of their settings are not validated yet.
   */
  readonly partial?: boolean;
}

/** Parses a fleet from the YAML or JSON of its file, or lists every problem. */
export function parseFleet(file: unknown, providers: Providers): Parsed {
  const head = fleetSchema.safeParse(file, knownKeys);
  const issues = head.success ? [] : head.error.issues.flatMap((issue) => explain(issue, file, []));
  const id = textAt(file, 'fleet');
  const defaults = head.success
    ? head.data.defaults
    : fleetSchema.shape.defaults.safeParse(valueAt(file, ['defaults'])).data;
  const written = valueAt(file, ['targets']);
  const targets: { index: number; target: Target }[] = [];
  for (const [index, entry] of Array.isArray(written) ? written.entries() : []) {
    const path = ['targets', index];
    const former = formerOf(entry, path, providers, issues);
    const parsed = parseEntry(entry, path, providers, targetSchema, issues);
    if (!parsed) continue;
    const { provider } = parsed;
    if (!defaults) continue;
    const target = resolve(parsed.data, {
      fleet: id ?? '',
      defaults,
      written: valueAt(entry, ['params']),
      of: provider,
      former,
    });
    targets.push({ index, target });
    const problems = [...unsafe(target, provider), ...repeatedPlaces(target)];
    issues.push(...problems.map((problem) => located(problem, entry, target, path)));
  }
  issues.push(...duplicates(targets));
  const partial = targets.length < (Array.isArray(written) ? written.length : 0);
  if (issues.length > 0 || !id || !head.success) return { issues, partial };
  const { network } = head.data;
  const orphanAge = parseDuration(head.data.orphanAge) ?? 0;
  return {
    fleet: {
      id,
      targets: targets.map(({ target }) => target),
      orphanAge,
      ...(network && { network }),
    },
    issues,
  };
}

/**
 * Parses one entry with the schema of the provider that it names. On a problem, returns `undefined`
 * and adds the issues.
 */
function parseEntry<Entry>(
  entry: unknown,
  path: Issue['path'],
  providers: Providers,
  schema: (provider: Provider) => z.ZodType<Entry>,
  issues: Issue[],
): { readonly provider: Provider; readonly data: Entry } | undefined {
  const provider = providers[textAt(entry, 'provider') ?? ''];
  if (!provider || !Object.hasOwn(providers, provider.name)) {
    const expected = `a provider: ${Object.keys(providers).join(', ')}`;
    issues.push({ path: [...path, 'provider'], value: valueAt(entry, ['provider']), expected });
    return undefined;
  }
  const parsed = schema(provider).safeParse(entry, knownKeys);
  if (parsed.success) return { provider, data: parsed.data };
  issues.push(...parsed.error.issues.flatMap((issue) => explain(issue, entry, path)));
  return undefined;
}

/**
 * The former places of a target; none if one of them is wrong. The schema of the target checks that
 * they are a list.
 */
function formerOf(
  entry: unknown,
  path: Issue['path'],
  providers: Providers,
  issues: Issue[],
): readonly Former[] {
  const written = valueAt(entry, ['former']);
  if (!Array.isArray(written)) return [];
  const former = written.flatMap((one, index): Former[] => {
    const parsed = parseEntry(one, [...path, 'former', index], providers, formerSchema, issues);
    if (!parsed) return [];
    const { provider, data } = parsed;
    const place = placeOf(provider, data.admin, data.params);
    return [{ ...data, place, revocable: provider.revoke !== undefined }];
  });
  return former.length === written.length ? former : [];
}

/** Finds former places that equal the present one, or each other. */
function repeatedPlaces({ place, former = [] }: Target): Problem[] {
  return former.flatMap((one, index) => {
    const first = former.findIndex((other) => other.place === one.place);
    if (one.place === place) {
      return [
        { path: ['former', index], expected: 'another place than the one the target is at now' },
      ];
    }
    return first < index
      ? [{ path: ['former', index], expected: `another place than former[${first}]` }]
      : [];
  });
}

/** Finds names and secrets that occur twice. */
function duplicates(
  targets: readonly { readonly index: number; readonly target: Target }[],
): Issue[] {
  const issues: Issue[] = [];
  const names = new Map<string, number>();
  const secrets = new Map<string, string>();
  for (const { index, target } of targets) {
    const { name, secret } = target;
    const [first, other] = [names.get(name), secrets.get(secret)];
    if (first !== undefined)
      issues.push({
        path: ['targets', index, 'name'],
        value: name,
        expected: `another name than targets[${first}]`,
      });
    else if (other !== undefined) {
      issues.push({
        path: ['targets', index, 'secret'],
        value: secret,
        expected: `a secret of its own; ${other} has this one`,
      });
    }
    if (first === undefined) names.set(name, index);
    secrets.set(secret, other ?? name);
  }
  return issues;
}

/**
 * Locates a problem in the file. If the setting is not written there, its default value is wrong.
 */
function located(
  { path, expected, found }: Problem,
  entry: unknown,
  target: Target,
  base: readonly (string | number)[],
): Issue {
  const resolved = valueAt(target, path);
  return {
    path: [...base, ...path],
    value: valueAt(entry, path),
    expected,
    found,
    ...(typeof resolved === 'number' && { byDefault: formatDuration(resolved) }),
  };
}
