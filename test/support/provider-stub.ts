import * as z from 'zod';
import type { Provider } from '../../lib/core/provider.ts';

/** A provider whose methods are never called, for tests that depend only on capabilities. */
export const aProvider = (
  name: string,
  capabilities: Partial<Provider['capabilities']> = {},
): Provider => ({
  name,
  capabilities: {
    expiry: true,
    liveAtOnce: Infinity,
    readAgain: false,
    bearer: false,
    ...capabilities,
  },
  params: z.strictObject({ registryId: z.string('a registry id').min(1) }),
  admin: z.object({ token: z.string() }),
  endpoint: 'https://api.acme.test',
  realms: [],
  check: () => Promise.reject(new Error('not called')),
  issue: () => Promise.reject(new Error('not called')),
  find: () => Promise.reject(new Error('not called')),
  revoke: () => Promise.reject(new Error('not called')),
  enable: () => Promise.reject(new Error('not called')),
});
