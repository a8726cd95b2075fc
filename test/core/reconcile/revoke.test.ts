import { expect, test } from 'vitest';
import { agenda } from '../../../lib/core/decide/index.ts';
import type { RekeyEvent } from '../../../lib/core/events/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { revoke } from '../../../lib/core/reconcile/revoke.ts';
import { aProvider } from '../../support/provider-stub.ts';
import { aRun } from '../../support/run.ts';
import {
  aSnapshot,
  aTarget,
  at,
  DAY,
  HOUR,
  MINUTE,
  T0,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

/**
 * What is told, and what the provider did, when version b is revoked, which no longer is in the
 * provider's list then.
 */
async function revoked(left: VersionBuilder, change: Partial<Target> = {}, now = T0) {
  const published: RekeyEvent[] = [];
  const calls: string[] = [];
  const provider = {
    ...aProvider('ionos'),
    find: async () => [],
    revoke: async () => void calls.push('deleted'),
    enable: async () => void calls.push('disabled'),
  };
  const target = aTarget(change);
  const run = await aRun(aSnapshot(v('a').current().issued(at(1)), left), {
    target,
    published,
    provider,
    now,
  });
  const due = agenda({ target, ledger: run.record.ledger, now }).find(
    ({ action }) => action === 'revoke',
  );
  if (!due) throw new Error('no revocation');
  await revoke(run, due);
  const told = published.map(({ detailType, detail: { metadata, data } }) => ({
    detailType,
    id: metadata.id,
    data,
  }));
  return { told, calls, version: run.record.ledger.versions[1] };
}
const left = () =>
  v('b')
    .issued(at(-9 * DAY))
    .revokeAfter(T0, 'a', at(-DAY));

test('a revocation is told with its proof, and whether it can be undone', async () => {
  const { told, calls, version } = await revoked(left());
  const proof = { kind: 'gone-at-provider', at: T0.toISOString() };
  expect(told).toMatchObject([
    { detailType: 'Credential Revoked', data: { proof, reversible: true } },
  ]);
  expect(calls).toEqual(['disabled']);
  expect(version).toMatchObject({ disabledAt: T0, credential: { id: 'credential-b' } });
});

test('what is compromised is deleted at once, and the event says no more of it than of any other', async () => {
  const { told, calls, version } = await revoked(left().compromised(at(-MINUTE)));
  expect(told).toMatchObject([{ detailType: 'Credential Revoked', data: { reversible: false } }]);
  expect(told[0]?.data).not.toHaveProperty('compromised');
  expect(calls).toEqual(['deleted']);
  expect(version?.credential).toBeUndefined();
});

test('a discarded candidate is deleted at once: nobody can want it back', async () => {
  const discarded = v('b').issued(at(-HOUR)).discarded(T0, 'a', at(-HOUR));
  const { told, calls, version } = await revoked(discarded);
  expect(told).toMatchObject([{ detailType: 'Credential Revoked', data: { reversible: false } }]);
  expect(calls).toEqual(['deleted']);
  expect(version?.credential).toBeUndefined();
});

test('a revocation that is repeated has the same event; disabled and ended are two', async () => {
  const idOf = async (version: VersionBuilder, change: Partial<Target> = {}, now = T0) =>
    (await revoked(version, change, now)).told[0]?.id;
  const disabled = await idOf(left());
  const ended = await idOf(left(), { soak: 0 });
  expect(disabled).not.toBe(ended);
  expect(await idOf(left(), {}, at(MINUTE))).toBe(disabled);
  expect(await idOf(left().compromised(at(-MINUTE)))).toBe(ended);
});
