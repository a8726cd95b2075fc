import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Target } from '../../lib/core/fleet/index.ts';
import type { Provider } from '../../lib/core/provider.ts';
import { DAY, HOUR, MINUTE } from '../../lib/core/time.ts';
import { providers } from '../../lib/providers/index.ts';
import { warpClock } from '../../lib/sandbox/clock.ts';
import { vendors } from '../../lib/sandbox/vendors/index.ts';
import { T0 } from '../support/snapshot.ts';
import { deploy } from './support/deployment.ts';
import { startDockerRegistry } from './support/docker-registry.ts';
import { repository, tag } from './support/image.ts';
import { inspect, pull, push } from './support/skopeo.ts';
import { startTokenServer } from './support/token-server.ts';

let stack: AsyncDisposableStack;
beforeEach(() => {
  stack = new AsyncDisposableStack();
});
afterEach(() => stack.disposeAsync());

/**
 * A shipped provider and its simulated vendor, with Docker's registry in place of the vendor's own.
 */
async function start(
  name: string,
  algorithm: 'ES256' | 'RS256',
  change: Partial<Target> = {},
  realms?: readonly string[],
) {
  const clock = warpClock(T0);
  const shipped = providers[name];
  const vendor = vendors[name]?.({ clock });
  if (!shipped || !vendor) throw new Error(`no provider ${name}, or no simulated vendor`);
  const { endpoint, registry: vendorRegistry, close } = await vendor.start();
  stack.defer(close);
  const tokenServer = await startTokenServer(stack, vendorRegistry, algorithm);
  const registry = await startDockerRegistry(stack, tokenServer.auth);

  const provider: Provider = {
    ...shipped,
    // the token server has another port; the provider must name it to send the password there
    realms: realms ?? [tokenServer.host],
    // replaces the registry, because the simulated vendor returns its own
    issue: async (...call) => ({ ...(await shipped.issue(...call)), registry: registry.host }),
  };
  const deployment = await deploy(stack, {
    clock,
    provider,
    admin: vendor.admin,
    endpoint: { api: endpoint },
    target: {
      params: vendor.params,
      verify: {
        within: 2 * MINUTE,
        every: 0,
        access: { repository, actions: ['pull'] },
        manifest: tag,
      },
      ...change,
    },
  });
  const { host, image } = registry;
  return {
    ...deployment,
    clock,
    vendor,
    tokenServer,
    registry,
    /** The outcome of a pull with the login in a version of the secret. */
    pull: async (versionId?: string) => pull(await deployment.authFile(versionId), image, host),
  };
}

describe.each([
  ['ionos', 'ES256', { soak: DAY }],
  ['deepgram', 'RS256', {}],
] as const)("%s, Docker's registry with %s tokens, and skopeo", (name, algorithm, change) => {
  test('the credential in the secret pulls, and no other does', async () => {
    const { tick, authFile, registry, vendor, ...world } = await start(name, algorithm, change);
    expect((await tick()).steps.map(({ error }) => error)).toEqual([undefined]);
    expect(await world.pull()).toBe('done');
    expect(await inspect(await authFile(), registry.host)).toBe(registry.image.digest);

    const auth = Buffer.from(`${vendor.credentials()[0]?.username}:wrong`).toString('base64');
    const wrong = await world.writeAuthFile(
      JSON.stringify({ auths: { [registry.host]: { auth } } }),
    );
    expect(await pull(wrong, registry.image, registry.host)).toBe('refused');
    expect(await pull(await world.writeAuthFile('{}'), registry.image, registry.host)).toBe(
      'refused',
    );
  });

  test('after a rotation the new login pulls, and the old one until its grace ends', async () => {
    const { tick, live, current, events, vendor, ...world } = await start(name, algorithm, change);
    await tick();
    const first = await current();
    await world.request('Rotation Requested');
    await live(HOUR);
    const second = await current();
    expect(second).not.toBe(first);
    expect(await world.pull(second)).toBe('done');
    expect(await world.pull(first), 'within its grace').toBe('done');

    await live(DAY);
    expect(await world.pull(first), 'after its grace').toBe('refused');
    expect(await world.pull(second)).toBe('done');
    const revoked = { versionId: first, proof: { kind: 'refused-by-registry' } };
    expect(events('Credential Revoked').map(({ detail }) => detail.data)).toMatchObject([revoked]);

    await live(2 * DAY);
    expect(vendor.credentials().filter(({ state }) => state !== 'deleted')).toHaveLength(1);
    expect(await world.pull(first), 'at the end').toBe('refused');
    expect(await world.pull()).toBe('done');
  });

  test('after a year of rotations the current login pulls, and no revoked one does', async () => {
    const { live, current, ledger, events, ...world } = await start(name, algorithm, change);
    const seen = new Set<string>();
    for (let month = 0; month < 12; month++) {
      await live(30 * DAY);
      seen.add(await current());
      expect(await world.pull(), `month ${month}`).toBe('done');
    }
    const alive = (await ledger()).versions
      .filter(({ credential, disabledAt }) => credential && !disabledAt)
      .map(({ id }) => id);
    const revoked = [...seen].filter((id) => !alive.includes(id));
    expect(revoked.length).toBeGreaterThanOrEqual(10);
    for (const id of revoked) expect(await world.pull(id)).toBe('refused');
    expect(events('Rotation Failed')).toEqual([]);
  });

  test('a rollback makes the previous login current, and finally refuses the other', async () => {
    const { tick, live, current, request, ...world } = await start(name, algorithm, change);
    await tick();
    const first = await current();
    await request('Rotation Requested');
    await live(HOUR);
    const second = await current();
    await request('Rollback Requested');
    await tick();
    expect(await current()).toBe(first);
    expect(await world.pull()).toBe('done');
    await live(3 * DAY);
    expect(await world.pull(second)).toBe('refused');
    expect(await world.pull(first)).toBe('done');
  });

  test('a compromised credential is replaced, and refused at once', async () => {
    const { tick, live, current, request, ...world } = await start(name, algorithm, change);
    await tick();
    const first = await current();
    await live(HOUR);
    await request('Credential Compromised');
    await tick();
    expect(await world.pull(first)).toBe('refused');
    expect(await world.pull()).toBe('done');
  });

  test('a token server that the provider does not name gets no password', async () => {
    const { tick, ledger, tokenServer } = await start(name, algorithm, change, []);
    const { steps } = await tick();
    expect(steps.map(({ error }) => error?.message)).toEqual([
      'the registry gave no verdict on the fresh credential: untrusted-realm',
    ]);
    expect(tokenServer.logins).toEqual([]);
    expect((await ledger()).current?.credential).toBeUndefined();
  });
});

test('a credential for pulling does not push, and one for pushing does', async () => {
  const scopes = (...actions: string[]) => ({
    scopes: [{ type: 'repository', name: '*', actions }],
  });
  const registryId = (await start('ionos', 'ES256')).vendor.params.registryId;
  for (const [actions, verdict] of [
    [['pull'], 'refused'],
    [['pull', 'push'], 'done'],
  ] as const) {
    const { tick, authFile, registry } = await start('ionos', 'ES256', {
      params: { registryId, ...scopes(...actions) },
    });
    await tick();
    expect(
      await push(await authFile(), registry.image, registry.host, 'acme/pushed'),
      actions.join(),
    ).toBe(verdict);
  }
});

test('a secret in the format dockerconfigjson is a valid auth file', async () => {
  const { tick, read, registry, writeAuthFile } = await start('ionos', 'ES256', {
    format: 'dockerconfigjson',
  });
  await tick();
  expect(await pull(await writeAuthFile(await read()), registry.image, registry.host)).toBe('done');
});
