import { createParts, createVendor } from '../parts.ts';
import type { SimulatedVendor, VendorOptions } from '../vendor.ts';
import { type HarborBehaviour, harborApi } from './api.ts';
import { type Details, harborModel, PROJECT } from './model.ts';

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
 * A Harbor with one project. Its token server treats a wrong login as anonymous if the request has
 * a scope, and refuses it otherwise (src/core/service/token/creator.go, Create).
 */
export function createSimulatedHarbor(options: VendorOptions): SimulatedVendor<HarborBehaviour> {
  const parts = createParts<Details, HarborBehaviour>(options, {
    admin: 'admin',
    isPublic: false,
    robotPrefix: 'robot$',
  });
  const { behaviour, faults } = parts;
  const model = harborModel(parts);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const registry = parts.registry({
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

  return createVendor(parts, {
    provider: 'harbor-robot',
    admin: JSON.stringify({ username, password }),
    params: { endpoint: 'https://harbor.example.com', project: PROJECT.name, actions: ['pull'] },
    api: harborApi({ faults, model, behaviour, authorization }),
    registry,
    plant(label) {
      const name = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(label)
        ? label
        : `stranger-${model.robots().length}`;
      const written = { description: '', duration: -1, disable: false, permissions };
      return { id: model.add(name, written, label).robot.id };
    },
  });
}
