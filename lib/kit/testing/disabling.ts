import { describe, expect, test } from 'vitest';
import type { HttpOptions } from '../../http/client.ts';
import { patience, type Row, refusals } from './refusals.ts';
import type { Suite } from './suite.ts';
import type { World } from './world.ts';

/** Disabling and enabling again. */
export function testDisabling(suite: Suite): void {
  const { name, subject, provider, open, find, revoke, unknown, failure } = suite;

  describe(`${name}: disabling`, () => {
    const enable = (
      world: World,
      credential: { id: string },
      enabled: boolean,
      http?: HttpOptions,
    ) =>
      provider.enable?.(world.call(http ? { http } : {}), credential, enabled) ??
      Promise.reject(new Error('it has no enable'));

    test('enable suspends and restores a credential, and a repeat changes nothing', async () => {
      const world = await open();
      const credential = await world.issue();
      await enable(world, credential, false);
      await enable(world, credential, false);
      expect(await world.verdict(credential)).toBe('refused');
      await enable(world, credential, true);
      await enable(world, credential, true);
      expect(await world.verdict(credential)).toBe('accepted');
    });

    test('a disabled credential is not found, and can be revoked', async () => {
      const world = await open();
      const credential = await world.issue();
      await enable(world, credential, false);
      expect(await find(world.call())).toEqual([]);
      await revoke(world.call(), credential);
      expect(world.vendor.credentials()).toMatchObject([{ state: 'deleted' }]);
    });

    test('an unknown id can be disabled, but not enabled', async () => {
      const world = await open();
      await enable(world, unknown(), false);
      expect(await failure(enable(world, unknown(), true), world)).toMatchObject({
        code: 'not-found',
        retryable: false,
      });
    });

    const failing = refusals.filter(([what]) => what !== '404');
    test.each<Row>(failing)(
      'a disabling answered by %s fails and leaves the credential alive',
      async (_what, fault, code, retryAfter) => {
        const world = await open();
        const credential = await world.issue();
        world.vendor.faults.next(subject.update ?? /^PATCH/, fault, 9);
        expect(
          await failure(enable(world, credential, false, patience(fault)), world),
        ).toMatchObject({ code, retryAfter });
        expect(await world.verdict(credential)).toBe('accepted');
      },
    );
  });
}
