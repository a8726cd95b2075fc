import { createFaults } from '../../faults.ts';
import { hex } from '../ledger.ts';
import {
  host,
  plainBehaviour,
  type SimulatedCredential,
  type SimulatedVendor,
  type VendorOptions,
} from '../vendor.ts';
import { type QuayBehaviour, quayApi } from './api.ts';
import { ORGANIZATION, quayModel, TEMPLATE, usernameOf } from './model.ts';
import { quayRegistry } from './registry.ts';

const token = 'simulated-quay-oauth-token';
const NAME = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/**
 * A Quay with one organization; its robots are what is rotated. The template robot counts for none
 * of them.
 */
export function createSimulatedQuayRobot(options: VendorOptions) {
  const { model, vendor } = quay(options, 'robot');
  return {
    ...vendor,
    provider: 'quay-robot',
    admin: JSON.stringify({ token }),
    params: { organization: ORGANIZATION, robot: TEMPLATE },
    credentials: () => model.ledger.credentials().filter(({ id }) => id !== TEMPLATE),
    model,
  } satisfies SimulatedVendor<QuayBehaviour> & { model: unknown };
}

/**
 * The same, seen by the robot that fetches tokens: they are what is rotated. API and registry are
 * one host.
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
      // one origin serves both, so a port of the API's own is never asked for again
      const started = await vendor.start(
        ports?.registryPort ? { registryPort: ports.registryPort } : {},
      );
      return { ...started, endpoint: `http://${started.registry}` };
    },
  } satisfies SimulatedVendor<QuayBehaviour> & { model: unknown };
}

/** `credential` is what is rotated, and so what an answer may lack. */
function quay({ clock, random }: VendorOptions, credential: 'robot' | 'token') {
  const behaviour: QuayBehaviour = {
    ...plainBehaviour(),
    orgAdmin: true,
    repoAdmin: true,
    readOnly: false,
    mirrored: false,
    deleteSwallowed: false,
    robotsDisabled: false,
    csrfField: 'error',
    leeway: 0,
  };
  const model = quayModel({ clock, random, delays: behaviour.delays });
  const faults = createFaults();
  const requests: string[] = [];
  const api = quayApi({ faults, model, behaviour, token });
  const registry = quayRegistry({
    clock,
    behaviour,
    repositories: model.repositories,
    tokenless: () => credential === 'token' && behaviour.secretless,
    login(username, password) {
      const robot = model.ledger.login(username, password)?.scopes[0];
      if (!robot) return undefined;
      robot.lastAccessed = clock.now().toISOString();
      return {
        account: username,
        allows: (repository, action) => model.allows(username, repository, action),
      };
    },
  });
  const vendor = {
    repository: `${ORGANIZATION}/app`,
    faults,
    registryFaults: registry.faults,
    requests,
    plant(label: string) {
      const id = NAME.test(label) ? label : `stranger_${hex(8, random)}`;
      model.add(id, label, null, 'stranger');
      return { id };
    },
    behaviour,
    dump: (): unknown =>
      structuredClone({ model: model.dump(), registry: registry.dump(), behaviour }),
    restore(dumped: unknown) {
      const known = dumped as { model: unknown; registry: unknown; behaviour: QuayBehaviour };
      const { delays, ...switches } = known.behaviour;
      model.restore(known.model);
      registry.restore(known.registry);
      Object.assign(behaviour.delays, delays);
      Object.assign(behaviour, switches);
    },
    start: (ports: { apiPort?: number; registryPort?: number } = {}) =>
      host({ api, registry: registry.app, clock, requests, behaviour }, ports),
  };
  return { model, registry, vendor };
}
