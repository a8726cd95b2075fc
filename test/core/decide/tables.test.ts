import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gates } from '../../../lib/core/decide/gates.ts';
import { limits } from '../../../lib/core/decide/limits.ts';
import { needs, reasons } from '../../../lib/core/decide/reasons.ts';
import { rotation } from '../../../lib/core/decide/rotation.ts';
import { rules } from '../../../lib/core/decide/rules.ts';
import type { Situation } from '../../../lib/core/decide/situation.ts';
import { parseLedger } from '../../../lib/core/ledger/index.ts';
import { limitCodes } from '../../../lib/core/reconcile/limits.ts';
import { anySnapshot, anyTarget } from '../../support/any-ledger.ts';
import { T0 } from '../../support/snapshot.ts';

/* docs/decide.md has a row for each entry of decide's lists. These tests compare them. */

const page = readFileSync('docs/decide.md', 'utf8');

/** The words in code of each cell, by row. */
const rowsOf = (heading: string): string[][][] => {
  const [, section = ''] = page.split(`## ${heading}\n`);
  return (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)),
    );
};
const namesOf = (heading: string) => rowsOf(heading).map(([name]) => name?.[0]);
const named = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);

const situations: readonly Situation[] = fc
  .sample(fc.tuple(anyTarget, anySnapshot, fc.boolean(), fc.boolean()), {
    numRuns: 3000,
    seed: 1,
  })
  .map(([target, snapshot, doubted, retired]) => ({
    target: { ...target, ...(retired && { retired: true as const }) },
    ledger: parseLedger(snapshot),
    now: T0,
    doubted,
  }));

describe('docs/decide.md', () => {
  test.each([
    ['Rules', rules],
    ['Reasons to rotate', reasons],
    ['Gates', gates],
    ['Limits', limits],
  ])('docs/decide.md lists the %s in the order of the code', (heading, list) => {
    expect(namesOf(heading)).toEqual(named(list));
  });

  test.each(rules.map((rule, index) => [rule.name, rule, index] as const))(
    'docs/decide.md names the actions and reasons of %s',
    (_, rule, index) => {
      const [, actions = [], reasonsOf = []] = rowsOf('Rules')[index] ?? [];
      const found = situations.flatMap((situation) => rule(situation));
      expect(actions).toEqual(expect.arrayContaining(found.map(({ action }) => action)));
      expect(reasonsOf).toEqual(expect.arrayContaining(found.map(({ reason }) => reason)));
    },
  );

  test('docs/decide.md shows which reasons to rotate are urgent, and which are critical', () => {
    const rows = page.split('\n').filter((line) => /\| (?:yes|no) \| (?:yes|near)/.test(line));
    const found = new Map(
      situations.flatMap(needs).map(({ reason, urgent, critical }) => {
        const words = [urgent ? 'yes' : 'no', critical ? 'yes' : 'near the expiry'];
        return [reason, `| ${words.join(' | ')} |`] as const;
      }),
    );
    expect(found.size).toBe(reasons.length);
    for (const [reason, ending] of found)
      expect(rows.find((row) => row.includes(`\`${reason}\``))).toMatch(ending);
  });

  test('docs/decide.md names the gates that hold a rotation back', () => {
    const known = rowsOf('Gates').flatMap(([, gate = []]) => gate);
    const found = situations.flatMap((situation) => rotation(situation));
    for (const { gate } of found) if (gate) expect(known).toContain(gate);
    expect(found.some(({ gate }) => gate)).toBe(true);
  });

  test('docs/decide.md names the error of each limit', () => {
    const known = rowsOf('Limits').map(([, limit = [], , , error = []]) => [limit[0], error[0]]);
    expect(Object.fromEntries(known)).toEqual(limitCodes);
  });
});
