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
 * The events, and the calls to the provider, when version b is revoked. It is then no longer in the
 * provider's list.
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
  const announced = published.map(({ detailType, detail: { metadata, data } }) => ({
    detailType,
    id: metadata.id,
    data,
  }));
  return { announced, calls, version: run.record.ledger.versions[1] };
}
const left = () =>
  v('b')
    .issued(at(-9 * DAY))
    .revokeAfter(T0, 'a', at(-DAY));

test('a revocation is announced with its proof, and whether it is reversible', async () => {
  const { announced, calls, version } = await revoked(left());
  const proof = { kind: 'gone-at-provider', at: T0.toISOString() };
  expect(announced).toMatchObject([
    { detailType: 'Credential Revoked', data: { proof, reversible: true } },
  ]);
  expect(calls).toEqual(['disabled']);
  expect(version).toMatchObject({ disabledAt: T0, credential: { id: 'credential-b' } });
});

test('a compromised credential is deleted at once, with an event like any other', async () => {
  const { announced, calls, version } = await revoked(left().compromised(at(-MINUTE)));
  expect(announced).toMatchObject([
    { detailType: 'Credential Revoked', data: { reversible: false } },
  ]);
  expect(announced[0]?.data).not.toHaveProperty('compromised');
  expect(calls).toEqual(['deleted']);
  expect(version?.credential).toBeUndefined();
});

test('a discarded candidate is deleted at once, without a soak', async () => {
  const discarded = v('b').issued(at(-HOUR)).discarded(T0, 'a', at(-HOUR));
  const { announced, calls, version } = await revoked(discarded);
  expect(announced).toMatchObject([
    { detailType: 'Credential Revoked', data: { reversible: false } },
  ]);
  expect(calls).toEqual(['deleted']);
  expect(version?.credential).toBeUndefined();
});

test('a repeated revocation has the same event; disabling has another than ending', async () => {
  const idOf = async (version: VersionBuilder, change: Partial<Target> = {}, now = T0) =>
    (await revoked(version, change, now)).announced[0]?.id;
  const disabled = await idOf(left());
  const ended = await idOf(left(), { soak: 0 });
  expect(disabled).not.toBe(ended);
  expect(await idOf(left(), {}, at(MINUTE))).toBe(disabled);
  expect(await idOf(left().compromised(at(-MINUTE)))).toBe(ended);
});
