import { describe, expect, test } from 'vitest';
import { labelled } from './label.ts';
import { lostAnswers, patience, type Row, refusals, wrongJson } from './refusals.ts';
import type { Suite } from './suite.ts';

/** Issuing, where the answer is a refusal or is lost. */
export function testRefusedIssuing(suite: Suite): void {
  const {
    name,
    subject,
    provider,
    lists,
    open,
    find,
    revoke,
    failure,
    leavesNothing,
    createdOnce,
  } = suite;

  describe(`${name}: issuing`, () => {
    test.each<Row>([...refusals, ...wrongJson])(
      'a create answered by %s is sent once and leaves nothing',
      async (_what, fault, code, retryAfter) => {
        const world = await open();
        world.vendor.faults.next(subject.create, fault, 9);
        const error = await failure(
          provider.issue(world.call({ http: patience(fault) }), world.order()),
          world,
        );
        expect(error).toMatchObject({ code, retryAfter });
        createdOnce(world);
        expect(world.alive()).toEqual([]);
      },
    );

    test.each<Row>(lostAnswers)(
      'a create answered by %s is sent once and leaves what is found or expires',
      async (_what, fault, code) => {
        const world = await open();
        world.vendor.faults.next(subject.create, fault, 9);
        const label = labelled();
        expect(await failure(world.issue(label), world)).toMatchObject({ code, retryable: true });
        createdOnce(world);
        expect(world.alive()).toHaveLength(1);
        const found = await find(world.call());
        expect(found).toMatchObject(lists ? [{ id: world.alive()[0], label }] : []);
        for (const orphan of found) await revoke(world.call(), orphan);
        leavesNothing(world);
      },
    );
  });
}
