import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { DAY, MINUTE, plus } from '../../core/time.ts';
import { labelled } from './label.ts';
import { refusal } from './refusals.ts';
import type { Suite } from './suite.ts';

/** Issuing: the credential, its end, and an answer without its secret. */
export function testIssuing(suite: Suite): void {
  const {
    name,
    subject,
    provider,
    lists,
    revokes,
    open,
    find,
    revoke,
    failure,
    leavesNothing,
    createdOnce,
  } = suite;
  const { lifetime } = provider;

  describe(`${name}: issuing`, () => {
    test('issue returns a credential that the registry accepts', async () => {
      const world = await open();
      const credential = await world.issue();
      expect(await world.verdict(credential)).toBe('accepted');
      expect(world.alive()).toEqual([credential.id]);
      expect(`${inspect(credential)} ${JSON.stringify(credential)}`).not.toContain(
        credential.password.reveal(),
      );
    });

    test('issue keeps the previous credential alive', async () => {
      const world = await open();
      const [first, second] = [await world.issue(), await world.issue()];
      expect(first.password.reveal()).not.toBe(second.password.reveal());
      if (!subject.sharedUsername) expect(first.username).not.toBe(second.username);
      expect([await world.verdict(first), await world.verdict(second)]).toEqual([
        'accepted',
        'accepted',
      ]);
    });

    if (provider.capabilities.expiry) {
      test('issue passes the expiry on, and the credential ends then', async () => {
        const world = await open();
        const expiresAt = plus(world.clock.now(), DAY);
        const credential = await provider.issue(world.call(), { label: labelled(), expiresAt });
        expect(credential.expiresAt).toEqual(expiresAt);
        world.clock.advance(DAY - MINUTE);
        expect(await world.verdict(credential)).toBe('accepted');
        world.clock.advance(MINUTE);
        expect(await world.verdict(credential)).toBe('refused');
        expect(await find(world.call())).toEqual([]);
      });
    } else if (lifetime) {
      test('issue returns the expiry, and the credential ends then', async () => {
        const world = await open();
        const credential = await world.issue();
        expect(credential.expiresAt).toEqual(
          plus(world.clock.now(), lifetime(world.call().params)),
        );
        world.clock.advance(lifetime(world.call().params) - MINUTE);
        expect(await world.verdict(credential)).toBe('accepted');
        world.clock.advance(MINUTE);
        expect(await world.verdict(credential)).toBe('refused');
      });
    } else {
      test('issue returns no expiry', async () => {
        const world = await open();
        const credential = await provider.issue(world.call(), {
          label: labelled(),
          expiresAt: plus(world.clock.now(), DAY),
        });
        expect(credential.expiresAt).toBeUndefined();
      });
    }

    test('undocumented fields in an answer are ignored', async () => {
      const world = await open();
      world.vendor.behaviour.extraFields = true;
      const credential = await world.issue();
      expect(await find(world.call())).toHaveLength(lists ? 1 : 0);
      await provider.enable?.(world.call(), credential, false);
      if (revokes) await revoke(world.call(), credential);
      leavesNothing(world);
    });

    if (provider.capabilities.readAgain) {
      test('issue reads the secret again if the answer does not show it', async () => {
        const world = await open();
        world.vendor.behaviour.secretless = true;
        expect(await world.verdict(await world.issue())).toBe('accepted');
        createdOnce(world);
      });
    } else {
      test('an answer without the secret is a failure, and leaves nothing alive', async () => {
        const world = await open();
        world.vendor.behaviour.secretless = true;
        expect(await failure(world.issue(), world)).toMatchObject({
          code: 'bad-answer',
          retryable: true,
        });
        createdOnce(world);
        leavesNothing(world);
      });
    }

    if (lists && !provider.capabilities.readAgain) {
      test('a useless credential that cannot be deleted is found later', async () => {
        const world = await open();
        world.vendor.behaviour.secretless = true;
        world.vendor.faults.next(subject.remove, refusal(500), 9);
        expect(await failure(world.issue(), world)).toMatchObject({ code: 'bad-answer' });
        expect(await find(world.call())).toHaveLength(1);
      });
    }
  });
}
