import { hex, uuid } from '../../lib/sandbox/vendors/ledger.ts';
import { createParts, createVendor, logins } from '../../lib/sandbox/vendors/parts.ts';
import type { SimulatedVendor, VendorOptions } from '../../lib/sandbox/vendors/vendor.ts';
import { type AcmeRegistryBehaviour, acmeRegistryApi } from './api.ts';

const token = 'simulated-acme-registry-admin-token';
const projectId = '5d3c6a0e-7f41-4b58-9a0d-2c8f1e6b4a97';

/** Acme Registry: the API of one project, and its registry. */
export function createSimulatedAcmeRegistry(
  options: VendorOptions,
): SimulatedVendor<AcmeRegistryBehaviour> {
  const parts = createParts<string, AcmeRegistryBehaviour>(options, { mayWrite: true });
  const { random, ledger } = parts;
  return createVendor(parts, {
    provider: 'acme-registry',
    admin: JSON.stringify({ token }),
    params: { projectId },
    api: acmeRegistryApi({ ...parts, token, projectId }),
    registry: parts.registry({
      service: 'registry.acme-registry.example',
      login: logins(ledger, (scopes, _repository, action) => scopes.includes(action)),
    }),
    plant(label) {
      const login = { id: uuid(random), label, username: label };
      const planted = { ...login, owner: 'stranger', scopes: ['pull'] };
      return { id: ledger.add(planted, hex(20, random)).id };
    },
  });
}
