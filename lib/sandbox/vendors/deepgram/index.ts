import { hex, uuid } from '../ledger.ts';
import { createParts, createVendor, logins } from '../parts.ts';
import type { SimulatedVendor, VendorOptions } from '../vendor.ts';
import { type DeepgramBehaviour, deepgramApi } from './api.ts';

const apiKey = 'simulated-deepgram-api-key';
const projectId = '1b7f0c8a-52c1-4d0b-8a25-6c0f4f9be7d3';

/** Deepgram: one project enabled for self-hosted products, and the Quay registry behind it. */
export function createSimulatedDeepgram(
  options: VendorOptions,
): SimulatedVendor<DeepgramBehaviour> {
  const parts = createParts<string, DeepgramBehaviour>(options, {
    wrapped: false,
    grantsAll: false,
    unknownId: 404,
    errorBody: 'modern',
    mayWrite: true,
    readsAll: true,
  });
  const { random, ledger } = parts;
  return createVendor(parts, {
    provider: 'deepgram',
    admin: JSON.stringify({ apiKey }),
    repository: 'deepgram/self-hosted-api',
    params: { projectId, scopes: ['self-hosted:product:api', 'self-hosted:product:engine'] },
    api: deepgramApi({ ...parts, apiKey, projectId }),
    registry: parts.registry({
      service: 'quay.io',
      tokenPath: '/v2/auth',
      errors: 'quay',
      login: logins(
        ledger,
        (scopes, repository, action) => action === 'pull' && images(scopes).test(repository),
      ),
    }),
    plant(label) {
      const id = uuid(random);
      const scopes = ['self-hosted:products'];
      ledger.add(
        { id, label, username: `deepgram+${id}`, owner: 'stranger', scopes },
        hex(32, random),
      );
      return { id };
    },
  });
}

/**
 * The images that scopes open. Assumption: `product:api` means deepgram/self-hosted-api, and so on.
 */
function images(scopes: readonly string[]): RegExp {
  if (scopes.includes('self-hosted:products')) return /^deepgram\/self-hosted-/;
  const names = scopes.map((scope) => scope.split(':').at(-1));
  return new RegExp(`^deepgram/self-hosted-(?:${names.join('|')})$`);
}
