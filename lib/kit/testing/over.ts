import { describe, expect, test } from 'vitest';
import type { ProviderCall } from '../../core/provider.ts';
import { labelled } from './label.ts';
import type { Suite } from './suite.ts';

/** A run whose time is over: it sends nothing, and waits for nothing. */
export function testOver(suite: Suite): void {
  const { name, subject, provider, lists, revokes, open, find, revoke, unknown } = suite;

  describe(`${name}: a run that is over`, () => {
    const works: [
      name: string,
      pattern: RegExp,
      work: (call: ProviderCall<unknown, unknown>) => Promise<unknown>,
    ][] = [
      [
        'a create',
        subject.create,
        (call) =>
          provider.issue(call, { label: labelled(), expiresAt: new Date('2030-02-01T00:00:00Z') }),
      ],
    ];
    if (lists) works.push(['a list', subject.list, (call) => find(call)]);
    if (revokes) works.push(['a revocation', subject.remove, (call) => revoke(call, unknown())]);

    test('a run that is over sends no request', async () => {
      const world = await open();
      const reason = new Error('the time is over');
      const call = world.call({ signal: AbortSignal.abort(reason) });
      const results = await Promise.allSettled(works.map(([, , work]) => work(call)));
      expect(results).toEqual(results.map(() => ({ status: 'rejected', reason })));
      expect(world.vendor.requests).toEqual([]);
    });

    test.each(works)(
      'a run that is over does not wait for the answer to %s',
      async (_what, pattern, work) => {
        const world = await open();
        const reason = new Error('the time is over');
        const controller = new AbortController();
        world.vendor.faults.next(pattern, { hang: true });
        const result = Promise.allSettled([work(world.call({ signal: controller.signal }))]);
        await expect.poll(() => world.count(pattern), { interval: 5, timeout: 60_000 }).toBe(1);
        controller.abort(reason);
        expect(await result).toEqual([{ status: 'rejected', reason }]);
      },
    );
  });
}
