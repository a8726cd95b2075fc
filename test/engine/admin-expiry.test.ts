import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, test } from 'vitest';
import { announceAdminExpiry } from '../../lib/core/jobs/admin-expiry.ts';
import { diagnose } from '../../lib/core/jobs/diagnose.ts';
import { ORPHANS_EVERY } from '../../lib/core/sweep/assign.ts';
import { plus } from '../../lib/core/time.ts';
import { some } from '../support/providers.ts';
import { DAY, HOUR } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
afterEach(() => world.close());

const inDays = (days: number): Date => plus(world.clock.now(), days * DAY);
const admin = (value: object) =>
  world.secretsManager.send(
    new PutSecretValueCommand({
      SecretId: world.target.admin,
      SecretString: JSON.stringify({ ...JSON.parse(world.vendor.admin), ...value }),
    }),
  );
const jwt = (claims: object): string =>
  ['{"alg":"RS256"}', JSON.stringify(claims), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

const look = (targets = [world.target]): Promise<void> =>
  announceAdminExpiry(
    world.worker(),
    { id: world.target.fleet, targets },
    { provider: world.target.provider, admin: world.target.admin },
    { signal: new AbortController().signal, correlationId: 'test' },
  );
const announced = () => world.events('Admin Credential Expiring');
const found = async () => {
  const findings = await diagnose(world.worker(), world.target, new AbortController().signal);
  return findings.filter(({ message }) => / ends in | ended on /.test(message));
};

/** Looks at the account for some days, once every `ORPHANS_EVERY`. */
async function days(count: number): Promise<void> {
  for (let passed = 0; passed < count * DAY; passed += ORPHANS_EVERY) {
    await look();
    await world.clock.sleep(ORPHANS_EVERY);
  }
}

describe('an admin credential with an expiry', () => {
  test('an admin credential is announced daily from 30 days before its expiresAt', async () => {
    world = await createWorld(some.unlisted);
    await admin({ expiresAt: inDays(33).toISOString() });
    await days(3);
    expect(announced()).toEqual([]);
    await days(4);
    expect(announced()).toHaveLength(4);
    expect(new Set(announced().map(({ detail }) => detail.metadata.id)).size).toBe(4);
    expect(announced()[0]?.detail.data).toMatchObject({
      provider: some.unlisted,
      admin: world.target.admin,
    });
  });

  test('two looks on the same day announce an admin expiry with the same id', async () => {
    world = await createWorld(some.disabling);
    await admin({ expiresAt: inDays(5).toISOString().slice(0, 10) });
    const untilMidnight = DAY - (world.clock.now().getTime() % DAY);
    await world.clock.sleep(untilMidnight);
    await look();
    await look();
    expect(announced().map(({ detail }) => detail.metadata.id)).toEqual([
      announced()[0]?.detail.metadata.id,
      announced()[0]?.detail.metadata.id,
    ]);
  });

  test('the expiry of an admin JWT is announced, and nothing else of the token', async () => {
    world = await createWorld(some.disabling);
    const end = new Date(Math.floor(inDays(10).getTime() / 1000) * 1000);
    const token = jwt({ exp: end.getTime() / 1000, sub: 'canary' });
    await admin({ token });
    await days(1);
    expect(announced().map(({ detail }) => detail.data)).toMatchObject([
      { expiresAt: end.toISOString() },
    ]);
    expect(JSON.stringify(announced())).not.toContain(token.slice(0, 20));
    expect(JSON.stringify(announced())).not.toContain('canary');
  });

  test('the doctor reports the expiry of an admin credential before and after it', async () => {
    world = await createWorld(some.disabling);
    await admin({ expiresAt: inDays(10).toISOString() });
    expect(await found()).toMatchObject([
      { about: 'admin', outcome: 'wrong', message: expect.stringContaining('ends in 10d') },
    ]);
    await world.clock.sleep(11 * DAY);
    expect(await found()).toMatchObject([{ message: expect.stringContaining('ended on') }]);
  });

  test('a provider accepts an admin secret that has an expiresAt', async () => {
    world = await createWorld(some.disabling);
    await admin({ expiresAt: inDays(10).toISOString() });
    await world.run();
    expect((await world.ledger()).current?.credential).toBeDefined();
  });

  test('an admin secret whose expiresAt is not a date is reported as wrong', async () => {
    world = await createWorld(some.disabling);
    await admin({ expiresAt: 'next year' });
    const { steps } = await world.run();
    expect(steps[0]?.error).toMatchObject({
      code: 'admin-missing',
      message: expect.stringMatching(/check expiresAt$/),
    });
  });
});

test.each([
  ['has none', {}],
  ['is a JWT without exp', { token: jwt({ sub: 'a' }) }],
  ['is a text with two dots', { token: 'a.b.c' }],
])('no expiry is announced for an admin credential that %s', async (_what, value) => {
  world = await createWorld(some.disabling);
  await admin(value);
  await world.clock.sleep(HOUR);
  await days(2);
  expect([announced(), await found()]).toEqual([[], []]);
});
