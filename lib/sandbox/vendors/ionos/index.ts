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
import { type IonosBehaviour, type IonosScope, ionosApi, ionosBase } from './api.ts';

const token = 'simulated-ionos-admin-token';
const login = 'admin@example.test:simulated-ionos-password';
const registryId = '5e1fa0b7-2d43-4c0e-9c55-8a6f3f1d7b20';

/** IONOS Cloud Container Registry: the API of one registry, and its registry host. */
export function createSimulatedIonos({
  clock,
  random,
}: VendorOptions): SimulatedVendor<IonosBehaviour> {
  const behaviour: IonosBehaviour = {
    ...plainBehaviour(),
    registryState: 'Running',
    createStatus: 201,
    nameHeldFor: 0,
    privileged: true,
  };
  const ledger = createLedger<IonosScope>({ clock, delays: behaviour.delays });
  const requests: string[] = [];
  const faults = createFaults();
  let hostname = '';

  const api = ionosApi({
    clock,
    random,
    faults,
    ledger,
    behaviour,
    authorizations: [`Bearer ${token}`, `Basic ${Buffer.from(login).toString('base64')}`],
    registryId,
    contractNumber: '31720930',
    hostname: () => hostname,
  });
  const registry = createRegistry({
    clock,
    mood: () => behaviour.registry,
    service: 'simulated.cr.de-txl.ionos.com',
    login(username, password) {
      const entry = ledger.login(username, password);
      return (
        entry && {
          account: username,
          allows: (repository, action) =>
            entry.scopes.some((scope) => grants(scope, repository, action)),
        }
      );
    },
  });

  return {
    provider: 'ionos',
    admin: JSON.stringify({ token }),
    params: { registryId, scopes: [{ type: 'repository', name: '*', actions: ['pull'] }] },
    faults,
    registryFaults: registry.faults,
    requests,
    credentials: ledger.credentials,
    plant(label) {
      const scopes = [{ type: 'repository', name: '*', actions: ['pull'] }];
      return {
        id: ledger.add(
          { id: uuid(random), label, username: label, owner: 'stranger', scopes },
          hex(32, random),
        ).id,
      };
    },
    behaviour,
    ...stored(ledger, behaviour),
    start(options = {}) {
      const hosted = (name: string) => {
        hostname = name;
      };
      return host(
        { api, registry: registry.app, clock, requests, behaviour },
        { ...options, basePath: ionosBase, hosted },
      );
    },
  };
}

/**
 * A scope of type repository is about content; one of type registry about the list of repositories.
 */
const grants = ({ type, name, actions }: IonosScope, repository: string, action: string): boolean =>
  type === 'repository' &&
  (name === '*' || name === repository) &&
  (actions ?? []).includes(action);
