import { expect, test } from 'vitest';
import { parseLedger, relabeled } from '../../../lib/core/ledger/index.ts';
import { aSnapshot, at, DAY, id, v } from '../../support/snapshot.ts';

const past = at(-9 * DAY);

test('a ledger counts the free labels, and lists the replicas that are behind', () => {
  const snapshot = aSnapshot(v('a').current().issued(past), v('b').previous().stage('release-42'));
  expect(parseLedger(snapshot)).toMatchObject({
    free: 16,
    replicasBehind: [],
    deleted: false,
    name: 'rekey/acme/app',
  });
  const replicas = [
    { region: 'eu-west-1', inSync: true },
    { region: 'us-east-1', inSync: false },
  ];
  expect(parseLedger({ ...snapshot, replicas }).replicasBehind).toEqual(['us-east-1']);
  const overfull = v('c').stage(...Array.from({ length: 21 }, (_, number) => `label-${number}`));
  expect(parseLedger(aSnapshot(overfull)).free).toBe(0);
});

test('a secret scheduled for deletion is marked as deleted', () => {
  expect(parseLedger({ ...aSnapshot(), deletedAt: past }).deleted).toBe(true);
});

test('AWSPREVIOUS follows AWSCURRENT', () => {
  const moved = relabeled(aSnapshot(v('a').current(), v('b').staged()), 'AWSCURRENT', {
    from: id('a'),
    to: id('b'),
  });
  expect(moved.versions).toEqual({
    [id('a')]: ['AWSPREVIOUS'],
    [id('b')]: ['AWSPENDING', 'AWSCURRENT'],
  });
});

test('a version without labels is not in the ledger', () => {
  const snapshot = aSnapshot(v('a').current(), v('b').stage('release-42'));
  expect(Object.keys(relabeled(snapshot, 'release-42', { from: id('b') }).versions)).toEqual([
    id('a'),
  ]);
});
