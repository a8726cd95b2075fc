import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { providers } from '../lib/providers/index.ts';

/**
 * Suites of every provider. `engine/vendors` and conformance are about single vendors, and the
 * tests of `rekey init` about the parameters of single providers.
 */
const suites = globSync('test/{engine,cli,campaigns}/**/*.ts').filter(
  (file) =>
    !/^test\/(engine\/vendors\/|cli\/init|campaigns\/(conformance|fuzz|mutants|package)\/)/.test(
      file,
    ),
);

test('the suites of the engine and the campaigns choose providers by capability', () => {
  const quoted = new RegExp(`['"](${Object.keys(providers).join('|')})['"]`, 'g');
  const named = suites.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(quoted)].map(
      ([, name]) => `${file} names ${name}; choose by capability: test/support/providers.ts`,
    ),
  );
  expect(named).toEqual([]);
});
