import { Hono } from 'hono';
import { createParts, createVendor } from '../parts.ts';
import type { Env, SimulatedVendor, VendorOptions } from '../vendor.ts';
import { type GitlabBehaviour, gitlabApi } from './api.ts';
import { type Details, gitlabModel, PROJECT } from './model.ts';

const token = 'glpat-simulated-gitlab-access-token';
const tokenPath = '/jwt/auth';
const actionOf: Readonly<Record<string, string>> = {
  read_registry: 'pull',
  write_registry: 'push',
};

/**
 * A GitLab with one project in one group. Its registry is another host, and GitLab is its token
 * server.
 */
export function createSimulatedGitlab(options: VendorOptions): SimulatedVendor<GitlabBehaviour> {
  const parts = createParts<Details, GitlabBehaviour>(options, { role: 'owner', scope: 'api' });
  const { at, clock, ledger } = parts;
  const model = gitlabModel(parts);
  const registry = parts.registry({
    service: 'container_registry',
    tokenPath,
    tokenOrigin: () => at.api,
    login(account, password) {
      const found = ledger.login(account, password);
      const scopes = found?.scopes[0]?.scopes ?? [];
      return (
        found && {
          account,
          allows: (repository, action) =>
            `${repository}/`.startsWith(`${found.owner}/`) &&
            scopes.some((scope) => actionOf[scope] === action),
        }
      );
    },
  });
  const api = gitlabApi({ ...parts, model, token });
  return createVendor(parts, {
    provider: 'gitlab-deploy-token',
    admin: JSON.stringify({ token }),
    params: { project: PROJECT, scopes: ['read_registry'] },
    api: new Hono<Env>().all('*', ({ req, env }) =>
      (req.path === tokenPath ? registry.app : api).fetch(req.raw, env),
    ),
    registry,
    plant(label) {
      const username = /^[a-zA-Z0-9.+_-]+$/.test(label) ? label : undefined;
      // GitLab shows no time of creation, so rekey puts it into the name
      const name = `${label} ${clock.now().toISOString()}`;
      const wanted = { name, username, scopes: ['read_registry'] };
      return { id: model.add(PROJECT, wanted, label).made.id };
    },
  });
}
