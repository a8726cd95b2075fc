import { createFaults } from '../../faults.ts';
import { createRegistry } from '../../registry/index.ts';
import { createLedger, hex, uuid } from '../ledger.ts';
import {
  host,
  plainBehaviour,
  type SimulatedVendor,
  stored,
  type VendorOptions,
} from '../vendor.ts';
import { type DeepgramBehaviour, deepgramApi } from './api.ts';

const apiKey = 'simulated-deepgram-api-key';
const projectId = '1b7f0c8a-52c1-4d0b-8a25-6c0f4f9be7d3';

/** Deepgram: one project enabled for self-hosted products, and the Quay behind it. */
export function createSimulatedDeepgram({
  clock,
  random,
}: VendorOptions): SimulatedVendor<DeepgramBehaviour> {
  const behaviour: DeepgramBehaviour = {
    ...plainBehaviour(),
    wrapped: false,
    grantsAll: false,
    unknownId: 404,
    errorBody: 'modern',
    mayWrite: true,
    readsAll: true,
  };
  const ledger = createLedger<string>({ clock, delays: behaviour.delays });
  const requests: string[] = [];
  const faults = createFaults();
  const api = deepgramApi({ random, faults, ledger, behaviour, apiKey, projectId });
  const registry = createRegistry({
    clock,
    mood: () => behaviour.registry,
    service: 'quay.io',
    tokenPath: '/v2/auth',
    errors: 'quay',
    login(username, password) {
      const entry = ledger.login(username, password);
      return (
        entry && {
          account: username,
          allows: (repository, action) =>
            action === 'pull' && images(entry.scopes).test(repository),
        }
      );
    },
  });

  return {
    provider: 'deepgram',
    admin: JSON.stringify({ apiKey }),
    repository: 'deepgram/self-hosted-api',
    params: { projectId, scopes: ['self-hosted:product:api', 'self-hosted:product:engine'] },
    faults,
    registryFaults: registry.faults,
    requests,
    credentials: ledger.credentials,
    plant(label) {
      const id = uuid(random);
      const scopes = ['self-hosted:products'];
      ledger.add(
        { id, label, username: `deepgram+${id}`, owner: 'stranger', scopes },
        hex(32, random),
      );
      return { id };
    },
    behaviour,
    ...stored(ledger, behaviour),
    start: (options = {}) =>
      host({ api, registry: registry.app, clock, requests, behaviour }, options),
  };
}

/**
 * The images that scopes open: `product:api` is taken to mean deepgram/self-hosted-api, and so on.
 */
function images(scopes: readonly string[]): RegExp {
  if (scopes.includes('self-hosted:products')) return /^deepgram\/self-hosted-/;
  const names = scopes.map((scope) => scope.split(':').at(-1));
  return new RegExp(`^deepgram/self-hosted-(?:${names.join('|')})$`);
}
