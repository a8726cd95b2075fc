import { Hono } from 'hono';
import { createFaults } from '../../faults.ts';
import { createRegistry } from '../../registry/index.ts';
import { createLedger } from '../ledger.ts';
import {
  host,
  plainBehaviour,
  type SimulatedVendor,
  stored,
  type VendorOptions,
} from '../vendor.ts';
import {
  type DigitaloceanBehaviour,
  digitaloceanApi,
  EMAIL,
  type Env,
  fingerprint,
  freshToken,
} from './api.ts';

const token = 'dop_v1_simulated-digitalocean-admin-token';
const registryName = 'simulated';
const tokenPath = '/v2/registry/auth';
const apiPaths =
  /^\/(?:v1\/oauth\/revoke|v2\/account|v2\/registries(?:\/.*)?|v2\/registry(?:\/docker-credentials)?)$/;

/**
 * DigitalOcean: the API with one registry, the revocation of the control panel's host, and the
 * registry. All of it is behind each of the two ports, so that the registry's tokens come from the
 * registry's own host, as its challenge says.
 */
export function createSimulatedDigitalocean({
  clock,
  random,
}: VendorOptions): SimulatedVendor<DigitaloceanBehaviour> {
  const behaviour: DigitaloceanBehaviour = {
    ...plainBehaviour(),
    oldForm: false,
    scopes: ['registry:read', 'registry:update'],
    registries: 1,
    throttled: 'never',
    seesAccount: true,
    revokedAgain: 401,
  };
  const ledger = createLedger<string>({ clock, delays: behaviour.delays });
  const requests: string[] = [];
  const faults = createFaults();
  let hostname = '';

  const api = digitaloceanApi({
    clock,
    random,
    faults,
    ledger,
    behaviour,
    token,
    registryName,
    hostname: () => hostname,
  });
  const registry = createRegistry({
    clock,
    mood: () => behaviour.registry,
    service: 'registry.digitalocean.com',
    tokenPath,
    // the username is not looked at
    login(_username, password) {
      const entry = ledger.login(EMAIL, password);
      return (
        entry && {
          account: EMAIL,
          allows: (repository, action) => owned(repository) && entry.scopes.includes(action),
        }
      );
    },
  });
  const whole = new Hono<Env>().all('*', async (context) => {
    const { path, raw } = context.req;
    if (apiPaths.test(path)) return api.fetch(raw, context.env);
    const answer = await registry.app.fetch(raw, context.env);
    const scopes = (context.req.queries('scope') ?? []).map((scope) => scope.split(':'));
    const foreign = scopes.some(
      ([type, repository = '']) => type === 'repository' && !owned(repository),
    );
    if (path !== tokenPath || answer.status !== 200 || !foreign) return answer;
    return context.json(
      {
        errors: [
          { code: 'DENIED', message: 'the registry is not one of the account', detail: null },
        ],
      },
      400,
    );
  });

  return {
    provider: 'digitalocean',
    admin: JSON.stringify({ token }),
    repository: 'simulated/app',
    params: { registry: registryName, readWrite: false, api: 'registries' },
    faults,
    registryFaults: registry.faults,
    requests,
    credentials: ledger.credentials,
    plant(label) {
      const made = freshToken(random);
      return {
        id: ledger.add(
          { id: fingerprint(made), label, username: EMAIL, owner: EMAIL, scopes: ['pull'] },
          made,
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
        { api: whole, registry: whole, clock, requests, behaviour },
        { ...options, hosted },
      );
    },
  };
}

/** A repository is named after its registry. */
const owned = (repository: string): boolean => repository.startsWith(`${registryName}/`);
