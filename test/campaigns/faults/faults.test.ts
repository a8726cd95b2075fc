import { afterAll, beforeAll, expect, test } from 'vitest';
import { providersThat, some } from '../../support/providers.ts';
import { play } from './case.ts';
import { awsKinds, httpKinds } from './kinds.ts';
import { type RunningStrangers, startStrangers } from './strangers.ts';

// a sample of `npm run faults`, which injects faults into every call of every transition
let strangers: RunningStrangers;
beforeAll(async () => {
  strangers = await startStrangers();
});
afterAll(() => strangers.close());

function http(name: string) {
  const found = httpKinds(strangers).find((kind) => kind.name === name);
  if (!found) throw new Error(`no fault ${name}`);
  return found;
}

/**
 * Each provider has other faults at its first, second and third call, so that the providers
 * together cover most faults.
 */
const vendorFaults = [
  ...[
    '403 as a page',
    '429 with Retry-After',
    '502 after the work',
    'half a JSON',
    'no field 0',
    '50 MB',
    'no answer',
  ],
  ...[
    '200 without anything',
    'a slow body',
    'a connection reset after the work',
    'no TLS',
    'an unknown host name',
    '404',
  ],
  ...[
    '101',
    'a body byte by byte',
    'half a body, and its side closed',
    'TLS by an untrusted authority',
  ],
  ...['times of a clock a day ahead', 'times of a clock a day behind'],
];
const rows = providersThat().flatMap((provider, index) =>
  [1, 2, 3].map(
    (call) =>
      [provider, call, vendorFaults[(index * 3 + call) % vendorFaults.length] ?? ''] as const,
  ),
);

test.each(rows)(
  '%s: at call %i of a rotation, %s loses nothing, and is announced or retried',
  async (provider, call, name) => {
    expect(
      await play({
        provider,
        transition: 'rotation',
        plan: { side: 'http', call, kind: http(name) },
      }),
    ).toBeUndefined();
  },
);

test.each(
  awsKinds.filter(({ of }) => !of).map((kind, index) => [kind.name, index + 1, kind] as const),
)(
  'AWS: %s at call %i of a rotation loses nothing, and is announced or retried',
  async (_name, call, kind) => {
    expect(
      await play({
        provider: some.deleting,
        transition: 'rotation',
        plan: { side: 'aws', call, kind },
      }),
    ).toBeUndefined();
  },
);

test.each(['302 to another host', '307 to another host', 'TLS by an untrusted authority'])(
  '%s: no credential arrives there',
  async (name) => {
    for (const [provider, call] of [
      [some.disabling, 2],
      [some.readable, 1],
      [some.deleting, 4],
    ] as const) {
      expect(
        await play({
          provider,
          transition: 'rotation',
          plan: { side: 'http', call, kind: http(name) },
        }),
      ).toBeUndefined();
    }
    expect(strangers.count).toBe(0);
  },
);

test('a vendor that fails for two days is called at most once a sweep, and recovers', async () => {
  const plan = { side: 'http', call: 1, kind: http('500'), lasting: true } as const;
  expect(await play({ provider: some.disabling, transition: 'rotation', plan })).toBeUndefined();
});
