import { createFaults } from '../../faults.ts';
import { createRegistry } from '../../registry/index.ts';
import {
  host,
  plainBehaviour,
  type SimulatedVendor,
  stored,
  type VendorOptions,
} from '../vendor.ts';
import { type HarborBehaviour, harborApi } from './api.ts';
import { harborModel, PROJECT } from './model.ts';

const username = 'rekey-admin';
const password = 'simulated-harbor-Password1';
const permissions = [
  {
    kind: 'project',
    namespace: PROJECT.name,
    access: [{ resource: 'repository', action: 'pull' }],
  },
];

/**
 * A Harbor with one project. Its token server goes on without the login if that is wrong and a
 * scope is asked for, and refuses it if none is (src/core/service/token/creator.go, Create).
 */
export function createSimulatedHarbor({
  clock,
  random,
}: VendorOptions): SimulatedVendor<HarborBehaviour> {
  const behaviour: HarborBehaviour = {
    ...plainBehaviour(),
    admin: 'admin',
    isPublic: false,
    robotPrefix: 'robot$',
  };
  const model = harborModel({ clock, random, delays: behaviour.delays });
  const requests: string[] = [];
  const faults = createFaults();
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const api = harborApi({ faults, model, behaviour, authorization });
  const registry = createRegistry({
    clock,
    mood: () => behaviour.registry,
    service: 'harbor-registry',
    tokenPath: '/service/token',
    fallsBack: true,
    isPublic: (repository) => behaviour.isPublic && repository.startsWith(`${PROJECT.name}/`),
    login(account, secret) {
      const { robotPrefix } = behaviour;
      if (!account.startsWith(robotPrefix)) return undefined;
      const robot = model.ledger.login(account.slice(robotPrefix.length), secret);
      const rights = robot?.scopes[0]?.permissions ?? [];
      return (
        robot && {
          account,
          allows: (repository, action) =>
            rights.some(
              ({ namespace, access }) =>
                repository.startsWith(`${namespace}/`) &&
                access.some((right) => right.resource === 'repository' && right.action === action),
            ),
        }
      );
    },
  });

  return {
    provider: 'harbor-robot',
    admin: JSON.stringify({ username, password }),
    params: { endpoint: 'https://harbor.example.com', project: PROJECT.name, actions: ['pull'] },
    faults,
    registryFaults: registry.faults,
    requests,
    credentials: model.ledger.credentials,
    plant(label) {
      const name = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(label)
        ? label
        : `stranger-${model.robots().length}`;
      const written = { description: '', duration: -1, disable: false, permissions };
      return { id: model.add(name, written, label).robot.id };
    },
    behaviour,
    ...stored(model.ledger, behaviour),
    start: (options = {}) =>
      host({ api, registry: registry.app, clock, requests, behaviour }, options),
  };
}
