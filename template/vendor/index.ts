import { createFaults } from '../../lib/sandbox/faults.ts';
import { createRegistry } from '../../lib/sandbox/registry/index.ts';
import { createLedger, hex, uuid } from '../../lib/sandbox/vendors/ledger.ts';
import {
  host,
  plainBehaviour,
  type SimulatedVendor,
  stored,
  type VendorOptions,
} from '../../lib/sandbox/vendors/vendor.ts';
import { type AcmeRegistryBehaviour, acmeRegistryApi } from './api.ts';

const token = 'simulated-acme-registry-admin-token';
const projectId = '5d3c6a0e-7f41-4b58-9a0d-2c8f1e6b4a97';

/** Acme Registry: the API of one project, and its registry. */
export function createSimulatedAcmeRegistry({
  clock,
  random,
}: VendorOptions): SimulatedVendor<AcmeRegistryBehaviour> {
  const behaviour: AcmeRegistryBehaviour = plainBehaviour();
  const ledger = createLedger<string>({ clock, delays: behaviour.delays });
  const requests: string[] = [];
  const faults = createFaults();
  const api = acmeRegistryApi({ random, faults, ledger, behaviour, token, projectId });
  const registry = createRegistry({
    clock,
    mood: () => behaviour.registry,
    service: 'registry.acme-registry.example',
    login(username, password) {
      const found = ledger.login(username, password);
      return found && { account: username, allows: (_, action) => found.scopes.includes(action) };
    },
  });

  return {
    provider: 'acme-registry',
    admin: JSON.stringify({ token }),
    params: { projectId },
    faults,
    registryFaults: registry.faults,
    requests,
    credentials: ledger.credentials,
    plant(label) {
      const planted = {
        id: uuid(random),
        label,
        username: label,
        owner: 'stranger',
        scopes: ['pull'],
      };
      return { id: ledger.add(planted, hex(20, random)).id };
    },
    behaviour,
    ...stored(ledger, behaviour),
    start: (options = {}) =>
      host({ api, registry: registry.app, clock, requests, behaviour }, options),
  };
}
