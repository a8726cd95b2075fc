import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatLabel } from '../../lib/core/ids/label.ts';
import { DAY, HOUR, MINUTE } from '../../lib/core/time.ts';
import { warpClock } from '../../lib/sandbox/clock.ts';
import { T0 } from '../support/snapshot.ts';
import { deploy } from './support/deployment.ts';
import { startDockerRegistry } from './support/docker-registry.ts';
import { htpasswd } from './support/htpasswd.ts';
import { repository, tag } from './support/image.ts';
import { pull, push } from './support/skopeo.ts';
import { temporaryFolder } from './support/tools.ts';

let stack: AsyncDisposableStack;
beforeEach(() => {
  stack = new AsyncDisposableStack();
});
afterEach(() => stack.disposeAsync());

/** A self-hosted Docker registry with an htpasswd file, in which rekey keeps the logins. */
async function start() {
  const file = join(await temporaryFolder(stack), 'htpasswd');
  await writeFile(file, '');
  const { host, image } = await startDockerRegistry(stack, {
    htpasswd: { realm: 'registry', path: file },
  });
  const deployment = await deploy(stack, {
    clock: warpClock(T0),
    provider: htpasswd,
    admin: '{}',
    endpoint: { registry: host },
    target: {
      params: { file },
      verify: {
        within: 2 * MINUTE,
        every: 0,
        access: { repository, actions: ['pull'] },
        manifest: tag,
      },
    },
  });
  const users = async () =>
    (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return {
    ...deployment,
    /** Removes all logins by hand. */
    empty: () => writeFile(file, ''),
    /** Adds a foreign login. */
    plant: async (user: string) =>
      writeFile(file, [...(await users()), `${user}:*`, ''].join('\n')),
    /** The outcome of a pull with the login in a version of the secret. */
    pull: async (versionId?: string) => pull(await deployment.authFile(versionId), image, host),
    pullAsNobody: async () => pull(await deployment.writeAuthFile('{}'), image, host),
    push: async () => push(await deployment.authFile(), image, host, 'acme/pushed'),
    users: async () => (await users()).length,
  };
}

describe("Docker's registry with passwords, and skopeo", () => {
  test('the credential in the secret pulls and pushes, and no pull works without one', async () => {
    const { tick, ...world } = await start();
    expect((await tick()).steps.map(({ error }) => error)).toEqual([undefined]);
    expect(await world.pull()).toBe('done');
    expect(await world.push()).toBe('done');
    expect(await world.pullAsNobody()).toBe('refused');
  });

  test('after a rotation the new login pulls, and the old one until its grace ends', async () => {
    const { tick, live, current, events, users, ...world } = await start();
    await tick();
    const first = await current();
    await world.request('Rotation Requested');
    await live(HOUR);
    const second = await current();
    expect(second).not.toBe(first);
    expect(await world.pull(second)).toBe('done');
    expect(await world.pull(first), 'within its grace').toBe('done');
    expect(await users()).toBe(2);

    await live(DAY);
    expect(await world.pull(first), 'after its grace').toBe('refused');
    expect(await world.pull(second)).toBe('done');
    expect(await users()).toBe(1);
    const revoked = { versionId: first, proof: { kind: 'refused-by-registry' }, reversible: false };
    expect(events('Credential Revoked').map(({ detail }) => detail.data)).toMatchObject([revoked]);
  });

  test('the next rotation removes orphans from the file, and keeps foreign logins', async () => {
    const { tick, live, ledger, target, events, users, ...world } = await start();
    await tick();
    await world.plant(formatLabel(target.fleet, (await ledger()).arn, randomUUID()));
    await world.plant('somebody');
    await world.request('Rotation Requested');
    await live(2 * DAY);
    expect(events('Orphan Revoked')).toHaveLength(1);
    expect(await users()).toBe(2);
    expect(await world.pull()).toBe('done');
  });

  test('a pull notices a login that was revoked by hand, and a request replaces it', async () => {
    const { tick, live, current, ...world } = await start();
    await tick();
    await world.empty();
    expect(await world.pull()).toBe('refused');
    await world.request('Rotation Requested');
    await live(HOUR);
    expect(await world.pull(await current())).toBe('done');
  });
});
