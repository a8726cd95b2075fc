import { Hono } from 'hono';
import { createParts, createVendor } from '../parts.ts';
import type { Env, SimulatedVendor, VendorOptions } from '../vendor.ts';
import { type GitlabBehaviour, gitlabApi } from './api.ts';
import { type Details, GROUP, gitlabModel, PROJECT } from './model.ts';

const token = 'glpat-simulated-gitlab-access-token';
const tokenPath = '/jwt/auth';

/**
 * A GitLab with one project in one group. Its registry has its own host, and GitLab is the
 * registry's token server.
 */
export function createSimulatedGitlab(options: VendorOptions): SimulatedVendor<GitlabBehaviour> {
  const parts = createParts<Details, GitlabBehaviour>(options, { role: 'owner', scope: 'api' });
  const { clock, behaviour, faults, at } = parts;
  const model = gitlabModel(parts);
  const registry = parts.registry({
    service: 'container_registry',
    tokenPath,
    tokenOrigin: () => at.api,
    login(username, password) {
      const found = model.ledger.login(username, password);
      const scopes = found?.scopes[0]?.scopes ?? [];
      return (
        found && {
          account: username,
          allows: (repository, action) =>
            `${repository}/`.startsWith(`${found.owner}/`) &&
            ((action === 'pull' && scopes.includes('read_registry')) ||
              (action === 'push' && scopes.includes('write_registry'))),
        }
      );
    },
  });
  const api = gitlabApi({ clock, faults, model, behaviour, token });
  const gitlab = new Hono<Env>().all('*', (context) =>
    (context.req.path === tokenPath ? registry.app : api).fetch(context.req.raw, context.env),
  );

  return createVendor(parts, {
    provider: 'gitlab-deploy-token',
    admin: JSON.stringify({ token }),
    params: { project: PROJECT, scopes: ['read_registry'] },
    api: gitlab,
    registry,
    plant(label) {
      const username = /^[a-zA-Z0-9.+_-]+$/.test(label) ? label : undefined;
      // rekey's names contain a time too, because GitLab shows no other one
      const name = `${label} ${clock.now().toISOString()}`;
      const wanted = { name, username, scopes: ['read_registry'] };
      return { id: model.add(PROJECT, wanted, label).made.id };
    },
  });
}

export { GROUP, PROJECT };
