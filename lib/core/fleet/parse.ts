import { createHash } from 'node:crypto';
import type * as z from 'zod';
import { LABEL_LIMIT } from '../ledger.ts';
import type { Provider } from '../ports.ts';
import { parseDuration } from '../time.ts';
import { fleetSchema, type Providers, targetSchema } from './schema.ts';
import type { Fleet, Target } from './target.ts';
import { type Problem, unsafe } from './unsafe.ts';

/** Something wrong in the fleet file. */
export interface Issue {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  readonly expected: string;
}

/** Reads a fleet from the parsed YAML or JSON of its file; or tells everything that is wrong with it, at once. */
export function parseFleet(file: unknown, providers: Providers): { readonly fleet?: Fleet; readonly issues: readonly Issue[] } {
  const head = fleetSchema.safeParse(file);
  const issues = head.success ? [] : head.error.issues.flatMap((issue) => explain(issue, file, []));
  const id = textAt(file, 'fleet');
  const defaults = head.success ? head.data.defaults : fleetSchema.shape.defaults.safeParse(valueAt(file, ['defaults'])).data;
  const written = valueAt(file, ['targets']);
  const targets: { index: number; target: Target }[] = [];
  for (const [index, entry] of Array.isArray(written) ? written.entries() : []) {
    const path = ['targets', index];
    const provider = providers[textAt(entry, 'provider') ?? ''];
    if (!provider || !Object.hasOwn(providers, provider.name)) {
      issues.push({
        path: [...path, 'provider'],
        value: valueAt(entry, ['provider']),
        expected: `a provider: ${Object.keys(providers).join(', ')}`,
      });
      continue;
    }
    const parsed = targetSchema(provider).safeParse(entry);
    if (!parsed.success) {
      issues.push(...parsed.error.issues.flatMap((issue) => explain(issue, entry, path)));
      continue;
    }
    if (!defaults) continue;
    const target = resolve(parsed.data, {
      fleet: id ?? '',
      defaults,
      written: valueAt(entry, ['params']),
      of: provider,
    });
    targets.push({ index, target });
    issues.push(...unsafe(target, provider).map((problem) => located(problem, entry, path)));
  }
  issues.push(...clashes(targets));
  if (issues.length > 0 || !id || !head.success) return { issues };
  const { network } = head.data;
  const orphanAge = parseDuration(head.data.orphanAge) ?? 0;
  return { fleet: { id, targets: targets.map(({ target }) => target), orphanAge, ...(network && { network }) }, issues };
}

type Written = z.infer<ReturnType<typeof targetSchema>>;
type Timing = z.infer<(typeof fleetSchema)['shape']['defaults']>;

function resolve(
  entry: Written,
  { fleet, defaults, written, of }: { fleet: string; defaults: Timing; written: unknown; of: Provider },
): Target {
  const duration = (text: string) => parseDuration(text) ?? 0;
  const { verify, window, name, provider, admin, params, format, driver } = entry;
  return {
    fleet,
    name,
    secret: entry.secret ?? `rekey/${fleet}/${name}`,
    provider,
    admin,
    params,
    driver,
    spec: specHash(provider, written, format),
    format,
    interval: duration(entry.interval ?? defaults.interval),
    grace: duration(entry.grace ?? defaults.grace),
    soak: of.capabilities.disable ? duration(entry.soak ?? defaults.soak) : 0,
    compromisedGrace: duration(entry.compromisedGrace ?? defaults.compromisedGrace),
    revocable: of.revoke !== undefined,
    liveAtOnce: Math.min(of.capabilities.liveAtOnce, LABEL_LIMIT),
    window: window && { ...window, duration: duration(window.duration) },
    verify: {
      within: duration(verify.within),
      every: duration(verify.every),
      access: verify.repository ? { repository: verify.repository, actions: verify.actions } : undefined,
      manifest: verify.manifest,
    },
  };
}

/** Taken from what is written, not from what it was parsed to, so that a new default never rotates a fleet. */
function specHash(provider: string, params: unknown, format: string): string {
  return createHash('sha256')
    .update(JSON.stringify([provider, sorted(params), format]))
    .digest('hex')
    .slice(0, 8);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** Names and secrets that stand twice. */
function clashes(targets: readonly { readonly index: number; readonly target: Target }[]): Issue[] {
  const issues: Issue[] = [];
  const names = new Map<string, number>();
  const secrets = new Map<string, string>();
  for (const { index, target } of targets) {
    const { name, secret } = target;
    const [first, other] = [names.get(name), secrets.get(secret)];
    if (first !== undefined)
      issues.push({ path: ['targets', index, 'name'], value: name, expected: `another name than targets[${first}]` });
    else if (other !== undefined) {
      issues.push({ path: ['targets', index, 'secret'], value: secret, expected: `a secret of its own; ${other} has this one` });
    }
    if (first === undefined) names.set(name, index);
    secrets.set(secret, other ?? name);
  }
  return issues;
}

const located = ({ path, expected }: Problem, entry: unknown, base: readonly (string | number)[]): Issue => ({
  path: [...base, ...path],
  value: valueAt(entry, path),
  expected,
});

/** A zod issue as ours. The value is looked up in what was written, since zod does not keep it. */
function explain(issue: z.core.$ZodIssue, written: unknown, base: readonly (string | number)[]): Issue[] {
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

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}

function textAt(value: unknown, key: string): string | undefined {
  const found = valueAt(value, [key]);
  return typeof found === 'string' ? found : undefined;
}
