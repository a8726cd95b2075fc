import { expect, test } from 'vitest';
import type { RekeyEvent } from '../../../lib/core/events/index.ts';
import { announceVersion } from '../../../lib/core/reconcile/announce.ts';
import { aRun } from '../../support/run.ts';
import {
  aSnapshot,
  aTarget,
  at,
  DAY,
  HOUR,
  id,
  MINUTE,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

const past = at(-9 * DAY);
const aWhileAgo = at(-20 * HOUR);

/** The ledger and the published events, once the promotion of version a is announced. */
async function announced(...versions: VersionBuilder[]) {
  const published: RekeyEvent[] = [];
  const run = await aRun(aSnapshot(...versions), { target: aTarget(), published });
  await announceVersion(run, id('a'));
  return { ledger: run.record.ledger, published };
}
const promoted = () => v('a').current().candidate('b', aWhileAgo).issued(aWhileAgo);
const left = (revokeAfter: Date) =>
  v('b').previous().issued(past).revokeAfter(revokeAfter, 'a', aWhileAgo);

test('an announcement empties the outbox and publishes the end from the ledger', async () => {
  const { ledger, published } = await announced(promoted(), left(at(25 * HOUR)));
  expect(ledger.unannounced).toEqual([]);
  expect(published).toMatchObject([
    {
      detailType: 'Credential Rotated',
      detail: {
        data: { versionId: id('a'), previous: { revokeAfter: at(25 * HOUR).toISOString() } },
      },
    },
  ]);
});

test('a late announcement gives the grace again, and publishes the later end', async () => {
  for (const end of [4 * HOUR, DAY - 1000]) {
    const { ledger, published } = await announced(promoted(), left(at(end)));
    const [, base] = ledger.versions;
    expect(base?.revokeAfter).toEqual(at(DAY));
    expect(published).toMatchObject([
      { detail: { data: { previous: { revokeAfter: at(DAY).toISOString() } } } },
    ]);
  }
});

test('a late announcement warns again ahead of the later end', async () => {
  const late = await announced(promoted(), left(at(HOUR)).warned(at(-MINUTE)));
  expect(late.ledger.versions[1]?.warned).toBeUndefined();
});

test('an announcement changes no end while all of the grace is left', async () => {
  const there = left(at(DAY));
  const { ledger } = await announced(promoted(), there);
  expect(ledger.versions[1]?.labels).toEqual(there.stages);
});

test('a late announcement gives no grace beyond the expiry', async () => {
  const expiring = v('b')
    .previous()
    .issued(past, { expiresAt: at(5 * HOUR) })
    .revokeAfter(at(4 * HOUR), 'a', aWhileAgo);
  const bounded = await announced(promoted(), expiring);
  expect(bounded.ledger.versions[1]?.revokeAfter).toEqual(at(5 * HOUR));
});

test('a late announcement gives no grace to a compromised credential', async () => {
  const leaked = await announced(promoted(), left(at(4 * HOUR)).compromised(at(-30 * HOUR)));
  expect(leaked.ledger.versions[1]?.revokeAfter).toEqual(at(4 * HOUR));
});

test('a late announcement does not make a rollback in progress look promoted', async () => {
  const requested = promoted().rollback(at(-2 * MINUTE), 'b');
  const { ledger, published } = await announced(
    requested,
    left(at(4 * HOUR)).candidate('a', at(-MINUTE), 'rollback'),
  );
  expect(published.map(({ detailType }) => detailType)).toEqual(['Credential Rotated']);
  expect(ledger.unannounced).toEqual([]);
  expect(ledger.pending).toMatchObject({ id: id('b'), revokeAfter: at(4 * HOUR) });
});
