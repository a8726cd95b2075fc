import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { parseFleet } from '../lib/core/fleet/index.ts';
import { providers } from '../lib/providers/index.ts';
import { schemas } from '../lib/wiring/schemas.ts';

test('schema/ is up to date with `npm run schemas`', () => {
  const written = Object.fromEntries(
    globSync('schema/**/*.json').map((file) => [
      file.replaceAll('\\', '/').replace('schema/', ''),
      readFileSync(file, 'utf8'),
    ]),
  );
  expect(written).toEqual(schemas());
});

test('the fleet schema accepts the example, and refuses what rekey refuses', () => {
  const schema = z.fromJSONSchema(JSON.parse(readFileSync('schema/rekey.schema.json', 'utf8')));
  const example = parse(readFileSync('examples/fleet.yaml', 'utf8')) as {
    targets: Record<string, unknown>[];
  };
  expect(schema.safeParse(example).error).toBeUndefined();
  expect(parseFleet(example, providers).issues).toEqual([]);
  for (const wrong of [
    { ...example, extra: 1 },
    { ...example, targets: {} },
    { ...example, targets: [{ ...example.targets[0], interval: 'soon' }] },
  ]) {
    expect(schema.safeParse(wrong).success).toBe(false);
    expect(parseFleet(wrong, providers).issues).not.toEqual([]);
  }
});
