import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Suite } from './suite.ts';

/** The admin credential: its form, and what happens with a wrong one. */
export function testAdmin(suite: Suite): void {
  const { name, subject, provider, lists, revokes, open, find, revoke, admin, unknown, failure } =
    suite;

  describe(`${name}: the admin credential`, () => {
    test('a wrong admin credential is refused in every call', async () => {
      const world = await open();
      const call = () => world.call({ admin: admin('WRONG-CANARY') });
      for (const work of [
        provider.issue(call(), world.order()),
        ...(lists ? [find(call())] : []),
        ...(subject.endsItself || !revokes ? [] : [revoke(call(), unknown())]),
      ]) {
        const error = await failure(work, world);
        expect(error).toMatchObject({ code: 'admin-refused', retryable: false });
        expect(error.message).toContain('admin secret');
        expect(inspect(error, { depth: 9 })).not.toContain('WRONG-CANARY');
      }
    });

    const texts = [
      ['a token of two words', admin('two words')],
      ['a token with a line break inside', admin('a\nb')],
    ] as const;
    test.each<readonly [string, unknown]>([
      ['an unknown field', { ...admin('a'), other: 'b' }],
      ['nothing', {}],
      ['a number', admin(7)],
      ['null', null],
      ...(subject.anyPassword ? [] : texts),
    ])('an admin secret is refused if it is %s', (_what, content) => {
      expect(provider.admin.safeParse(content).success).toBe(false);
    });

    test('the text of an admin credential is wrapped at once', () => {
      expect(inspect(provider.admin.parse(admin(' CANARY\n')), { depth: 9 })).not.toContain(
        'CANARY',
      );
    });
  });
}
