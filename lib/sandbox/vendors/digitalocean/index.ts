import { Hono } from 'hono';
import { createParts, createVendor, logins } from '../parts.ts';
import type { Env, SimulatedVendor, VendorOptions } from '../vendor.ts';
import {
  type DigitaloceanBehaviour,
  digitaloceanApi,
  EMAIL,
  fingerprint,
  freshToken,
} from './api.ts';

const token = 'dop_v1_simulated-digitalocean-admin-token';
const registryName = 'simulated';
const tokenPath = '/v2/registry/auth';
const apiPaths = [
  /^\/v1\/oauth\/revoke$/,
  /^\/v2\/account$/,
  /^\/v2\/registries(?:\/.*)?$/,
  /^\/v2\/registry(?:\/docker-credentials)?$/,
];

/**
 * DigitalOcean: the API with one registry, the revocation endpoint of the control panel's host, and
 * the registry. Both ports serve all of it, so that the registry's tokens come from the registry's
 * own host, as its challenge says.
 */
export function createSimulatedDigitalocean(
  options: VendorOptions,
): SimulatedVendor<DigitaloceanBehaviour> {
  const parts = createParts<string, DigitaloceanBehaviour>(options, {
    oldForm: false,
    scopes: ['registry:read', 'registry:update'],
    registries: 1,
    throttled: 'never',
    seesAccount: true,
    revokedAgain: 401,
  });
  const { random, ledger } = parts;
  const api = digitaloceanApi({ ...parts, token, registryName });
  const login = logins(
    ledger,
    (scopes, repository, action) => owned(repository) && scopes.includes(action),
  );
  const registry = parts.registry({
    service: 'registry.digitalocean.com',
    tokenPath,
    // the registry ignores the username
    login: (_username, password) => login(EMAIL, password),
  });
  const whole = new Hono<Env>().all('*', async (context) => {
    const { path, raw } = context.req;
    if (apiPaths.some((known) => known.test(path))) return api.fetch(raw, context.env);
    const answer = await registry.app.fetch(raw, context.env);
    const scopes = (context.req.queries('scope') ?? []).map((scope) => scope.split(':'));
    const foreign = scopes.some(
      ([type, repository = '']) => type === 'repository' && !owned(repository),
    );
    if (path !== tokenPath || answer.status !== 200 || !foreign) return answer;
    return context.json(
      {
        errors: [
          { code: 'DENIED', message: 'the registry does not belong to the account', detail: null },
        ],
      },
      400,
    );
  });

  return createVendor(parts, {
    provider: 'digitalocean',
    admin: JSON.stringify({ token }),
    repository: 'simulated/app',
    params: { registry: registryName, readWrite: false, api: 'registries' },
    api: whole,
    registry: { app: whole, faults: registry.faults },
    plant(label) {
      const made = freshToken(random);
      return {
        id: ledger.add(
          { id: fingerprint(made), label, username: EMAIL, owner: EMAIL, scopes: ['pull'] },
          made,
        ).id,
      };
    },
  });
}

/** The name of a repository begins with that of its registry. */
const owned = (repository: string): boolean => repository.startsWith(`${registryName}/`);
