import { expect, test } from 'vitest';
import { MINUTE } from '../../../lib/core/time.ts';
import { providers } from '../../../lib/providers/index.ts';
import { warpClock } from '../../../lib/sandbox/clock.ts';
import { vendors } from '../../../lib/sandbox/vendors/index.ts';
import { some } from '../../support/providers.ts';
import { T0 } from '../../support/snapshot.ts';
import { accountOf } from './account.ts';
import { Help, readInputs } from './inputs.ts';
import { otherwise } from './wrong-admin.ts';

const name = some.deleting;
const clock = warpClock(T0);
const { admin = '', params = {} } = vendors[name]?.({ clock }) ?? {};
const env = { REKEY_LIVE_ADMIN: admin, REKEY_LIVE_PARAMS: JSON.stringify(params) };
const args = ['--provider', name];
const read = (more: readonly string[] = [], other: Record<string, string> = {}) =>
  readInputs([...args, ...more], { ...env, ...other }, () => providers);

test('npm run live reads the provider, its admin secret and its params', () => {
  expect(read()).toMatchObject({ provider: providers[name], admin, params, within: 5 * MINUTE });
  expect(read().access).toBeUndefined();
});

test('npm run live reads the rights to check', () => {
  const rights = { REKEY_LIVE_REPOSITORY: 'team/app', REKEY_LIVE_ACTIONS: 'pull,push' };
  expect(read(['--within', '90s'], { ...rights, REKEY_LIVE_REGISTRY: 'r.example' })).toMatchObject({
    access: { repository: 'team/app', actions: ['pull', 'push'] },
    within: 90_000,
    host: 'r.example',
  });
});

test.each([
  [['--provider', 'nowhere'], {}, /^--provider: nowhere; expected one of /],
  [['--within', 'soon'], {}, /^--within: soon; expected a duration, such as 5m$/],
  [['--what'], {}, /^Unknown option '--what'.*; see npm run live -- --help$/],
  [[], { REKEY_LIVE_PARAMS: '{' }, /^REKEY_LIVE_PARAMS: not a JSON object; expected /],
  [[], { REKEY_LIVE_ADMIN: '' }, /^REKEY_LIVE_ADMIN: missing; expected /],
  [
    [],
    { REKEY_LIVE_ADMIN: '', REKEY_LIVE_ADMIN_FILE: '/nowhere/a' },
    /^REKEY_LIVE_ADMIN_FILE: \/nowhere\/a cannot be read; expected a file$/,
  ],
] as const)('npm run live refuses %j with %j in one sentence', (more, other, message) => {
  expect(() => read(more, other)).toThrow(
    expect.objectContaining({ message: expect.stringMatching(message) }),
  );
});

test('npm run live -- --help needs nothing else', () => {
  expect(() => readInputs(['--help'], {}, () => providers)).toThrow(Help);
});

test('npm run live names the wrong fields of the admin secret and of the params', async () => {
  const reach = { http: { send: () => Promise.reject(new Error('no call')) }, clock };
  const wrong = { ...read(), admin: '{"CANARY": "CANARY"}' };
  await expect(accountOf(wrong, reach)).rejects.toMatchObject({
    message: expect.stringMatching(/^the admin secret REKEY_LIVE_ADMIN is not what .* needs: /),
  });
  await expect(accountOf({ ...read(), params: { other: 1 } }, reach)).rejects.toMatchObject({
    message: expect.stringMatching(/^REKEY_LIVE_PARAMS is not what .* needs: /),
  });
});

test('a wrong secret has the form of the right one', () => {
  expect(otherwise('dop_v1_0123456789abcdef')).toBe('dop_v1_0123456790bcdefa');
});
