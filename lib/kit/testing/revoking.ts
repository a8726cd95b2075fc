import { describe, expect, test } from 'vitest';
import { HOUR } from '../../core/time.ts';
import type { Suite } from './suite.ts';

/** Revoking: for good, and as often as it is asked for. */
export function testRevoking(suite: Suite): void {
  const { name, subject, open, revoke, unknown, failure } = suite;

  describe(`${name}: revoking`, () => {
    test('revoke ends a credential, and a repeat changes nothing', async () => {
      const world = await open();
      const [old, young] = [await world.issue(), await world.issue()];
      await revoke(world.call(), old);
      await revoke(world.call(), old);
      expect([await world.verdict(old), await world.verdict(young)]).toEqual([
        'refused',
        'accepted',
      ]);
      expect(world.alive()).toEqual([young.id]);
    });

    test('revoke succeeds for an unknown credential', async () => {
      const world = await open();
      await revoke(world.call(), unknown());
    });

    if (subject.endsItself) {
      test('revoke needs the password, and sends no request without it', async () => {
        const world = await open();
        const { id } = await world.issue();
        const before = world.vendor.requests.length;
        expect(await failure(revoke(world.call(), { id }), world)).toMatchObject({
          code: 'secret-unreadable',
          retryable: false,
        });
        expect(world.vendor.requests).toHaveLength(before);
      });

      test('revoke needs no admin credential', async () => {
        const world = await open();
        const credential = await world.issue();
        await revoke(world.call({ admin: { token: 'wrong' } }), credential);
        expect(world.alive()).toEqual([]);
      });
    } else {
      test('revoke needs only the id', async () => {
        const world = await open();
        const { id } = await world.issue();
        await revoke(world.call(), { id });
        expect(world.alive()).toEqual([]);
      });

      test.each(['', '.', '..', '../x', 'a/b', '?a=b', '%2e%2e', 'a b', 'ä'])(
        'revoke sends no request for the invalid id %j',
        async (id) => {
          const world = await open();
          expect(await failure(revoke(world.call(), { id }), world)).toMatchObject({
            code: 'rejected',
            retryable: false,
          });
          expect(world.vendor.requests).toEqual([]);
        },
      );
    }

    test('a revocation whose answer is lost succeeds at the next attempt', async () => {
      const world = await open();
      const credential = await world.issue();
      world.vendor.faults.next(subject.remove, { cut: 'after' });
      await revoke(world.call(), credential);
      expect(world.alive()).toEqual([]);
    });

    test('revoke does not wait for the registry', async () => {
      const world = await open();
      const credential = await world.issue();
      world.vendor.behaviour.delays.delete = HOUR;
      await revoke(world.call(), credential);
      expect(await world.verdict(credential)).toBe('accepted');
      world.clock.advance(HOUR);
      expect(await world.verdict(credential)).toBe('refused');
    });
  });
}
