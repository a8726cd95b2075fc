import { hex } from '../ledger.ts';
import { createParts, createVendor } from '../parts.ts';
import type { SimulatedCredential, SimulatedVendor, VendorOptions } from '../vendor.ts';
import { type QuayBehaviour, quayApi } from './api.ts';
import { ORGANIZATION, quayModel, type Robot, TEMPLATE, usernameOf } from './model.ts';
import { quayRegistry } from './registry.ts';

const token = 'simulated-quay-oauth-token';
const NAME = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/**
 * A Quay with one organization, whose robots are the rotated credentials. The template robot is not
 * one of them.
 */
export function createSimulatedQuayRobot(options: VendorOptions) {
  const { model, vendor } = quay(options, 'robot');
  return {
    ...vendor,
    credentials: () => model.ledger.credentials().filter(({ id }) => id !== TEMPLATE),
    model,
  } satisfies SimulatedVendor<QuayBehaviour> & { model: unknown };
}

/**
 * The same Quay for the robot that fetches tokens: the tokens are the rotated credentials. API and
 * registry share one host.
 */
export function createSimulatedQuayOauthToken(options: VendorOptions) {
  const { model, registry, vendor } = quay(options, 'token');
  const credentials = (): SimulatedCredential[] =>
    registry.issued().map(({ id, account, createdAt, expiresAt }) => {
      const state = Date.parse(expiresAt) <= options.clock.now().getTime() ? 'expired' : 'enabled';
      return { id, label: '', username: account, state, createdAt: new Date(createdAt) };
    });
  return {
    ...vendor,
    provider: 'quay-oauth-token',
    get admin() {
      return JSON.stringify({
        username: usernameOf(TEMPLATE),
        password: model.robot(TEMPLATE)?.token,
      });
    },
    params: { repository: `${ORGANIZATION}/app`, actions: ['pull'] },
    faults: registry.faults,
    credentials,
    model,
    async start(ports?: { apiPort?: number; registryPort?: number }) {
      // one origin serves both, so the API's own port never has to be requested again
      const started = await vendor.start(
        ports?.registryPort ? { registryPort: ports.registryPort } : {},
      );
      return { ...started, endpoint: `http://${started.registry}` };
    },
  } satisfies SimulatedVendor<QuayBehaviour> & { model: unknown };
}

/** `credential` is the kind that is rotated, and so the one that a secretless answer lacks. */
function quay(options: VendorOptions, credential: 'robot' | 'token') {
  const parts = createParts<Robot, QuayBehaviour>(options, {
    orgAdmin: true,
    repoAdmin: true,
    readOnly: false,
    mirrored: false,
    deleteSwallowed: false,
    robotsDisabled: false,
    csrfField: 'error',
    leeway: 0,
  });
  const { clock, random, behaviour, faults, ledger } = parts;
  const model = quayModel(parts);
  const registry = quayRegistry({
    clock,
    behaviour,
    repositories: model.repositories,
    tokenless: () => credential === 'token' && behaviour.secretless,
    login(username, password) {
      const robot = ledger.login(username, password)?.scopes[0];
      if (!robot) return undefined;
      robot.lastAccessed = clock.now().toISOString();
      return {
        account: username,
        allows: (repository, action) => model.allows(username, repository, action),
      };
    },
  });
  const vendor = createVendor(parts, {
    provider: 'quay-robot',
    admin: JSON.stringify({ token }),
    params: { organization: ORGANIZATION, robot: TEMPLATE },
    repository: `${ORGANIZATION}/app`,
    api: quayApi({ faults, model, behaviour, token }),
    registry,
    kept: { model, registry },
    plant(label) {
      const id = NAME.test(label) ? label : `stranger_${hex(8, random)}`;
      model.add(id, label, null, 'stranger');
      return { id };
    },
  });
  return { model, registry, vendor };
}
