import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/*
 * Alarms and dashboards of users name these metrics. New ones are fine:
 * `npx vitest run test/functions/frozen.test.ts -u` adds them, and a review sees if a line is lost.
 */
test('the names and units of the metrics are frozen', async () => {
  const source = readFileSync('functions/shared/metrics.ts', 'utf8');
  const emitted = source.matchAll(/'([A-Z]\w+)',\s*(Count|Seconds|Milliseconds|NoUnit)\b/g);
  const counted = source.matchAll(/'[A-Z][a-z]+ [A-Z][a-z]+': '([A-Z]\w+)'/g);
  const names = [
    ...new Set([
      ...[...emitted].map(([, name, unit]) => `${name} ${unit}`),
      ...[...counted].map(([, name]) => `${name} Count`),
    ]),
  ].sort();
  expect(names.length).toBeGreaterThan(20);
  await expect(`rekey\n${names.join('\n')}\n`).toMatchFileSnapshot('../fixtures/names/metrics.txt');
});
