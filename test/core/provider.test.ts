import { expect, test } from 'vitest';
import * as z from 'zod';
import { defineProvider } from '../../lib/core/provider.ts';
import { providers } from '../../lib/providers/index.ts';

const least = {
  name: 'acme',
  params: z.strictObject({ project: z.string() }),
  admin: z.strictObject({ token: z.string() }),
  endpoint: 'https://api.acme.test',
  realms: [],
  check: async () => {},
  issue: () => Promise.reject(new Error('not called')),
};

test('a provider without capabilities gets the defaults', () => {
  const acme = defineProvider(least);
  expect(acme.capabilities).toEqual({
    expiry: false,
    liveAtOnce: Infinity,
    readAgain: false,
    bearer: false,
  });
  expect(acme).not.toHaveProperty('find');
  expect(acme).not.toHaveProperty('revoke');
});

test('a provider’s capabilities override the defaults', async () => {
  const acme = defineProvider({
    ...least,
    capabilities: { liveAtOnce: 2, expiry: true },
    find: async ({ params }, filter) => [{ id: params.project, label: JSON.stringify(filter) }],
  });
  expect(acme.capabilities).toMatchObject({ liveAtOnce: 2, expiry: true, bearer: false });
  const call = { params: { project: 'p' } } as Parameters<typeof acme.find>[0];
  expect(await acme.find(call, { label: 'a' })).toEqual([{ id: 'p', label: '{"label":"a"}' }]);
});

test.each(Object.values(providers))(
  '$name can revoke its credentials, or let them expire',
  (provider) => {
    const { capabilities, find, revoke, enable, lifetime } = provider;
    expect(Boolean(find && revoke) || capabilities.expiry || lifetime !== undefined).toBe(true);
    if (enable) expect(revoke).toBeDefined();
  },
);
