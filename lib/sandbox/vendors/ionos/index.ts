import { hex, uuid } from '../ledger.ts';
import { createParts, createVendor, logins } from '../parts.ts';
import type { SimulatedVendor, VendorOptions } from '../vendor.ts';
import { type IonosBehaviour, type IonosScope, ionosApi, ionosBase } from './api.ts';

const token = 'simulated-ionos-admin-token';
const login = 'admin@example.test:simulated-ionos-password';
const registryId = '5e1fa0b7-2d43-4c0e-9c55-8a6f3f1d7b20';

/** IONOS Cloud Container Registry: the API of one registry, and its registry host. */
export function createSimulatedIonos(options: VendorOptions): SimulatedVendor<IonosBehaviour> {
  const parts = createParts<IonosScope, IonosBehaviour>(options, {
    registryState: 'Running',
    createStatus: 201,
    nameHeldFor: 0,
    privileged: true,
  });
  const { random, ledger } = parts;
  const scopes = [{ type: 'repository', name: '*', actions: ['pull'] }];
  return createVendor(parts, {
    provider: 'ionos',
    admin: JSON.stringify({ token }),
    params: { registryId, scopes },
    api: ionosApi({
      ...parts,
      authorizations: [`Bearer ${token}`, `Basic ${Buffer.from(login).toString('base64')}`],
      registryId,
      contractNumber: '31720930',
    }),
    basePath: ionosBase,
    registry: parts.registry({
      service: 'simulated.cr.de-txl.ionos.com',
      login: logins(ledger, (own, repository, action) =>
        own.some((scope) => grants(scope, repository, action)),
      ),
    }),
    plant(label) {
      return {
        id: ledger.add(
          { id: uuid(random), label, username: label, owner: 'stranger', scopes },
          hex(32, random),
        ).id,
      };
    },
  });
}

/**
 * Scopes of type repository are about content; scopes of type registry are about the list of
 * repositories.
 */
const grants = ({ type, name, actions }: IonosScope, repository: string, action: string): boolean =>
  type === 'repository' &&
  (name === '*' || name === repository) &&
  (actions ?? []).includes(action);
