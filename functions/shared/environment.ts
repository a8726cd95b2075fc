import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { RekeyError } from '../../lib/core/errors.ts';
import type { Fleet } from '../../lib/core/fleet/target.ts';

const text = (what: string) => z.string(what).check(z.minLength(1, what));

/** The environment variables of the functions: names and addresses, never a secret. */
const variables = {
  /**
   * Path of the fleet as JSON, as `parseFleet` returned it at synth.
   * @default fleet.json next to the function's code
   */
  REKEY_FLEET: z.optional(text('a path to the fleet as JSON')),
  /** SHA-256 of that file, so that the template shows which fleet is deployed. */
  REKEY_FLEET_SHA256: z.optional(
    z.string('a SHA-256').check(z.regex(/^[\da-f]{64}$/, 'a SHA-256')),
  ),
  REKEY_BUS: text('the name of the event bus'),
  REKEY_QUEUE_URL: z.url('the URL of the work queue'),
  /** Minutes between two sweeps. */
  REKEY_INTERVAL: z._default(
    z.coerce.number('a number of minutes').check(z.int('a number of minutes'), z.minimum(1)),
    5,
  ),
  /** Decide and announce, but change nothing. */
  REKEY_DRY_RUN: z._default(z.stringbool('true or false'), false),
};

type Variables = { readonly [Name in keyof typeof variables]: z.output<(typeof variables)[Name]> };

/**
 * Reads the variables that a function needs, at its cold start. Throws `bad-fleet`, listing every
 * problem.
 */
export function readEnvironment<Name extends keyof Variables>(
  ...names: readonly Name[]
): Pick<Variables, Name> {
  const schema = z.object(Object.fromEntries(names.map((name) => [name, variables[name]])));
  const parsed = schema.safeParse(process.env);
  if (parsed.success) return parsed.data as Pick<Variables, Name>;
  const wrong = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.')}: expected ${message}`,
  );
  throw new RekeyError(
    'bad-fleet',
    `the environment of the function is invalid: ${wrong.join('; ')}`,
  );
}

/**
 * The fleet that was deployed with the code, which the synth has validated. Throws `bad-fleet` if
 * it is another one or cannot be read.
 */
export function readFleet({
  REKEY_FLEET,
  REKEY_FLEET_SHA256,
}: Pick<Variables, 'REKEY_FLEET' | 'REKEY_FLEET_SHA256'>): Fleet {
  const file = REKEY_FLEET ?? join(process.env.LAMBDA_TASK_ROOT ?? '.', 'fleet.json');
  const text = textOf(file);
  if (REKEY_FLEET_SHA256 && createHash('sha256').update(text).digest('hex') !== REKEY_FLEET_SHA256)
    throw new RekeyError(
      'bad-fleet',
      `${file} is not the fleet that was deployed: its SHA-256 differs; deploy again`,
    );
  try {
    return JSON.parse(text) as Fleet;
  } catch {
    throw new RekeyError('bad-fleet', `${file} is not JSON; deploy again`);
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new RekeyError(
      'bad-fleet',
      `${file} cannot be read: the fleet is not with the function’s code; deploy again`,
    );
  }
}

/** Makes a value at the first call and returns the same one afterwards. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
