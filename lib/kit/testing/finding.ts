import { describe, expect, test } from 'vitest';
import { labelled, prefix } from './label.ts';
import { lostAnswers, patience, refusal, refusals, wrongJson } from './refusals.ts';
import type { Suite } from './suite.ts';

/** Finding: by label, to the last page, and never nothing for a failure. */
export function testFinding(suite: Suite): void {
  const { name, subject, open, find, revoke, failure } = suite;

  describe(`${name}: finding`, () => {
    test('find returns credentials by the prefix of their label', async () => {
      const world = await open();
      const label = labelled();
      const { id } = await world.issue(label);
      const found = [expect.objectContaining({ id, label })];
      expect(await find(world.call())).toEqual(found);
      expect(await find(world.call(), { prefix: label })).toEqual(found);
    });

    test('find returns the one credential with a label', async () => {
      const world = await open();
      const label = labelled();
      const { id } = await world.issue(label);
      await world.issue();
      expect(await find(world.call(), { label })).toEqual([
        expect.objectContaining({ id, label, issuedAt: expect.any(Date) }),
      ]);
      expect(await find(world.call(), { label: label.slice(0, -1) })).toEqual([]);
      await revoke(world.call(), { id });
      expect(await find(world.call(), { label })).toEqual([]);
    });

    test('find returns the time at which a credential was issued', async () => {
      const world = await open();
      await world.issue();
      const [found] = await find(world.call());
      const createdAt = world.vendor.credentials()[0]?.createdAt.getTime() ?? 0;
      // some vendors return whole seconds
      expect(Math.abs((found?.issuedAt?.getTime() ?? 0) - createdAt)).toBeLessThan(1000);
    });

    test('find returns nothing from an empty account', async () => {
      const world = await open();
      expect(await find(world.call())).toEqual([]);
    });

    test('find skips credentials of other targets, other fleets and strangers', async () => {
      const world = await open();
      const others = [
        'rekey-fleet-ffff0000-',
        'rekey-flee-0123abcd-',
        'my-',
        prefix.toUpperCase(),
        `my-${prefix}`,
      ].map((start) => labelled(start));
      for (const label of [...others, '', 'rekey']) world.vendor.plant(label);
      const before = world.alive();
      const credential = await world.issue();
      expect(await find(world.call())).toMatchObject([{ id: credential.id }]);
      await revoke(world.call(), credential);
      expect(world.alive()).toEqual(before);
    });

    test('find does not return revoked credentials', async () => {
      const world = await open();
      const credential = await world.issue();
      await revoke(world.call(), credential);
      expect(await find(world.call())).toEqual([]);
    });

    test('find reads all of 250 credentials', async () => {
      const world = await open();
      const planted = Array.from({ length: 250 }, (_, number) => {
        const label = labelled(number % 10 === 0 ? 'stranger-' : prefix);
        return { ...world.vendor.plant(label), label };
      });
      const found = await find(world.call());
      expect(found.map(({ id, label }) => ({ id, label }))).toEqual(
        planted.filter(({ label }) => label.startsWith(prefix)),
      );
    });

    test('find reads a list of 12 MB, and gives up on one of 17 MB', async () => {
      const world = await open();
      const { id } = await world.issue();
      const padded = (megabytes: number) => (body: string) =>
        body + ' '.repeat(megabytes * 1024 * 1024);
      world.vendor.faults.next(subject.list, { altered: padded(12) });
      expect((await find(world.call())).map((found) => found.id)).toEqual([id]);
      world.vendor.faults.next(subject.list, { altered: padded(17) });
      await expect(find(world.call())).rejects.toMatchObject({
        code: 'bad-answer',
      });
    });

    test.each([...refusals, ...wrongJson, ...lostAnswers.slice(0, 2)])(
      'a list answered by %s fails instead of finding nothing',
      async (_what, fault, code, retryAfter) => {
        const world = await open();
        world.vendor.faults.next(subject.list, fault, 9);
        const error = await failure(find(world.call({ http: patience(fault) })), world);
        expect(error).toMatchObject({ code, retryAfter });
      },
    );

    test('find survives two failures of the vendor', async () => {
      const world = await open();
      await world.issue();
      world.vendor.faults.next(subject.list, { cut: 'before' });
      world.vendor.faults.next(subject.list, refusal(502));
      expect(await find(world.call())).toHaveLength(1);
    });
  });
}
