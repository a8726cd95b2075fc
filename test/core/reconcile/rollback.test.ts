import { expect, test } from 'vitest';
import { agenda } from '../../../lib/core/decide/index.ts';
import type { ErrorCode } from '../../../lib/core/errors.ts';
import type { RekeyEvent } from '../../../lib/core/events/index.ts';
import { labels } from '../../../lib/core/ledger/index.ts';
import { giveUp, rollback } from '../../../lib/core/reconcile/rollback.ts';
import { aProvider } from '../../support/provider-stub.ts';
import { aRun } from '../../support/run.ts';
import {
  aSnapshot,
  aTarget,
  at,
  DAY,
  HOUR,
  id,
  MINUTE,
  T0,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

const past = at(-9 * DAY);
const yesterday = at(-DAY);

/** Gives up the rollback from version a to version b: the registry refuses it. */
async function givenUp(versions: readonly VersionBuilder[], code: ErrorCode = 'refused', now = T0) {
  const published: RekeyEvent[] = [];
  const provider = { ...aProvider('ionos'), enable: async () => {} };
  const run = await aRun(aSnapshot(...versions), { target: aTarget(), published, provider, now });
  const find = (letter: string) =>
    run.record.ledger.versions.find((version) => version.id === id(letter));
  const [base, candidate] = [find('a'), find('b')];
  if (!base || !candidate) throw new Error('no version');
  await giveUp(run, base, candidate, code);
  const dues = agenda({ target: aTarget(), ledger: run.record.ledger, now: T0 });
  const ids = published.map(({ detail: { metadata } }) => metadata.id);
  return { published: published.map(({ detailType }) => detailType), ids, dues, find };
}
const current = () =>
  v('a')
    .current()
    .issued(past)
    .rollback(at(-2 * MINUTE), 'b');
/** A credential after its grace that was disabled, and is enabled again for the rollback. */
const enabled = () => v('b').issued(yesterday).candidate('a', at(-MINUTE), 'rollback');

test('a failed rollback is announced, and its enabled credential is due at once', async () => {
  const { published, dues, find } = await givenUp([
    current(),
    enabled().revokeAfter(at(-HOUR), 'a', yesterday),
  ]);
  expect(published).toEqual(['Credential Restored', 'Rollback Failed']);
  expect([find('a')?.rollback, find('b')?.candidate]).toEqual([undefined, undefined]);
  expect(dues.filter(({ at: time }) => time <= T0)).toMatchObject([
    { action: 'revoke', version: { id: id('b') } },
  ]);
  expect(find('b')?.revokeAfter).toEqual(T0);
});

test('a failed rollback does not change the end of a credential in its grace', async () => {
  const { published, find } = await givenUp([
    current(),
    enabled().revokeAfter(at(HOUR), 'a', yesterday),
  ]);
  expect(published).toEqual(['Rollback Failed']);
  expect(find('b')?.revokeAfter).toEqual(at(HOUR));
});

test('a failed rollback does not undo the previous one, which was done', async () => {
  const left = enabled()
    .rollback(yesterday, 'a')
    .revokeAfter(at(-HOUR), 'a', yesterday, 'rollback');
  const { dues } = await givenUp([current(), left]);
  expect(dues.map(({ reason }) => reason)).not.toContain('rollback-overtaken');
});

test('a failed rollback has the same event from two workers, one for each error', async () => {
  const versions = [current(), enabled().revokeAfter(at(HOUR), 'a', yesterday)];
  const idOf = async (code: ErrorCode, now = T0) => (await givenUp(versions, code, now)).ids.at(-1);
  const refused = await idOf('refused');
  expect(refused).toBeDefined();
  expect(await idOf('refused', at(MINUTE))).toBe(refused);
  expect(await idOf('unproven')).not.toBe(refused);
});

test('a rollback to a credential that is reported meanwhile is refused at once', async () => {
  const published: RekeyEvent[] = [];
  const before = v('b').previous().issued(yesterday).revokeAfter(at(HOUR), 'a', yesterday);
  const run = await aRun(aSnapshot(current(), before), { target: aTarget(), published });
  const { store } = run.engine;
  const { label } = store;
  const reported: typeof label = async (secret, name, move) => {
    const done = await label(secret, name, move);
    if (name.includes(':candidate:'))
      await label(secret, labels.compromised(id('a'), { at: T0 }), { to: id('a') });
    return done;
  };
  Object.assign(store, { label: reported });
  const [due] = agenda({ target: aTarget(), ledger: run.record.ledger, now: T0 }).filter(
    ({ action }) => action === 'rollback',
  );
  if (!due) throw new Error('no rollback');
  await expect(rollback(run, due)).rejects.toMatchObject({ code: 'no-rollback' });
  expect(published.map(({ detailType }) => detailType)).toEqual(['Rollback Failed']);
});
