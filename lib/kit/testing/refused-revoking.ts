import { describe, expect, test } from 'vitest';
import { patience, type Row, refusals } from './refusals.ts';
import type { Suite } from './suite.ts';

/** Revoking, where the answer is a refusal. */
export function testRefusedRevoking(suite: Suite): void {
  const { name, subject, open, revoke, failure } = suite;

  describe(`${name}: revoking`, () => {
    const failing = refusals.filter(([what]) => what !== '404');
    test.each<Row>(failing)(
      'a revocation answered by %s fails and leaves the credential alive',
      async (what, fault, code, retryAfter) => {
        const world = await open();
        const credential = await world.issue();
        world.vendor.faults.next(subject.remove, fault, 9);
        const error = await failure(
          revoke(world.call({ http: patience(fault) }), credential),
          world,
        );
        expect(error).toMatchObject({
          code: subject.revocationCodes?.[what] ?? code,
          retryAfter,
        });
        expect(world.alive()).toEqual([credential.id]);
      },
    );
  });
}
