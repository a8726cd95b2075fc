import { Hono } from 'hono';
import { createFaults } from '../../faults.ts';
import { createRegistry } from '../../registry/index.ts';
import {
  host,
  plainBehaviour,
  type SimulatedVendor,
  stored,
  type VendorOptions,
} from '../vendor.ts';
import { type Env, type GitlabBehaviour, gitlabApi } from './api.ts';
import { GROUP, gitlabModel, PROJECT } from './model.ts';

const token = 'glpat-simulated-gitlab-access-token';
const tokenPath = '/jwt/auth';

/**
 * A GitLab with one project in one group. Its registry is a host of its own, and the registry's
 * token server is GitLab.
 */
export function createSimulatedGitlab({
  clock,
  random,
}: VendorOptions): SimulatedVendor<GitlabBehaviour> {
  const behaviour: GitlabBehaviour = { ...plainBehaviour(), role: 'owner', scope: 'api' };
  const model = gitlabModel({ clock, random, delays: behaviour.delays });
  const requests: string[] = [];
  const faults = createFaults();
  let origin = '';

  const registry = createRegistry({
    clock,
    mood: () => behaviour.registry,
    service: 'container_registry',
    tokenPath,
    tokenOrigin: () => origin,
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

  return {
    provider: 'gitlab-deploy-token',
    admin: JSON.stringify({ token }),
    params: { project: PROJECT, scopes: ['read_registry'] },
    faults,
    registryFaults: registry.faults,
    requests,
    credentials: model.ledger.credentials,
    plant(label) {
      const username = /^[a-zA-Z0-9.+_-]+$/.test(label) ? label : undefined;
      // with a time in its name, as rekey's have it: GitLab shows no other
      const name = `${label} ${clock.now().toISOString()}`;
      const wanted = { name, username, scopes: ['read_registry'] };
      return { id: model.add(PROJECT, wanted, label).made.id };
    },
    behaviour,
    ...stored(model.ledger, behaviour),
    async start(options = {}) {
      const started = await host(
        { api: gitlab, registry: registry.app, clock, requests, behaviour },
        options,
      );
      origin = started.endpoint;
      return started;
    },
  };
}

export { GROUP, PROJECT };
