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
 * A Harbor with one project. Its token server ignores a wrong login that asks for a scope, and
 * refuses one that does not (src/core/service/token/creator.go, Create).
 */
export function createSimulatedHarbor(options: VendorOptions): SimulatedVendor<HarborBehaviour> {
  const parts = createParts<Details, HarborBehaviour>(options, {
    admin: 'admin',
    isPublic: false,
    robotPrefix: 'robot$',
  });
  const { behaviour, faults, ledger } = parts;
  const model = harborModel(parts);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return createVendor(parts, {
    provider: 'harbor-robot',
    admin: JSON.stringify({ username, password }),
    params: { endpoint: 'https://harbor.example.com', project: PROJECT.name, actions: ['pull'] },
    repository: `${PROJECT.name}/app`,
    api: harborApi({ faults, model, behaviour, authorization }),
    registry: parts.registry({
      service: 'harbor-registry',
      tokenPath: '/service/token',
      fallsBack: true,
      isPublic: (repository) => behaviour.isPublic && repository.startsWith(`${PROJECT.name}/`),
      login(account, secret) {
        const { robotPrefix } = behaviour;
        if (!account.startsWith(robotPrefix)) return undefined;
        const robot = ledger.login(account.slice(robotPrefix.length), secret);
        return (
          robot && {
            account,
            allows: (repository, action) =>
              robot.scopes.some((details) => grants(details, repository, action)),
          }
        );
      },
    }),
    plant(label) {
      const name = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(label)
        ? label
        : `stranger-${model.robots().length}`;
      const written = { description: '', duration: -1, disable: false, permissions };
      return { id: model.add(name, written, label).robot.id };
    },
  });
}

const grants = ({ permissions }: Details, repository: string, action: string): boolean =>
  permissions.some(
    ({ namespace, access }) =>
      repository.startsWith(`${namespace}/`) &&
      access.some((right) => right.resource === 'repository' && right.action === action),
  );
