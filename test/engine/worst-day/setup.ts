import { expect } from 'vitest';
import { decide } from '../../../lib/core/decide/index.ts';
import type { InboundType, RekeyEvent } from '../../../lib/core/events/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { request as requestOf } from '../../../lib/core/jobs/requests.ts';
import type { Version } from '../../../lib/core/ledger/index.ts';
import type { Engine } from '../../../lib/core/reconcile/index.ts';
import { earliest, latest, plus } from '../../../lib/core/time.ts';
import { DAY, HOUR, MINUTE } from '../../support/snapshot.ts';
import { createWorld, type World } from '../../support/world.ts';

export { DAY, HOUR, MINUTE, type World };

/** The worlds of one test file, closed after each test. */
export function worlds() {
  const open: World[] = [];
  return {
    async open(provider: string, change: Partial<Target> = {}): Promise<World> {
      const world = await createWorld(provider, change);
      open.push(world);
      return world;
    },
    async close(): Promise<void> {
      for (const world of open.splice(0)) await world.close();
    },
  };
}

export const request = (world: World, type: InboundType, target = world.target): Promise<unknown> =>
  requestOf(world.worker().store, world.clock, type, target);

/** Resolves to false if the request was refused. */
export const requested = (world: World, type: InboundType): Promise<boolean> =>
  request(world, type).then(
    () => true,
    () => false,
  );

export async function current(world: World): Promise<Version> {
  const { current: found } = await world.ledger();
  if (!found) throw new Error('the secret has no AWSCURRENT');
  return found;
}

/** Issues the first credential. */
export async function issued(world: World): Promise<Version> {
  await world.run();
  return current(world);
}

/** Requests a rotation an hour later, and runs a worker. */
export async function rotated(world: World): Promise<Version> {
  await world.clock.sleep(HOUR);
  await request(world, 'Rotation Requested');
  await world.run();
  return current(world);
}

/** The first credential, and a request an hour later for a rotation that no worker has seen. */
export async function rotationRequested(world: World): Promise<Version> {
  const first = await issued(world);
  await world.clock.sleep(HOUR);
  await request(world, 'Rotation Requested');
  return first;
}

/** Two credentials; the older one has been in its grace for an hour. */
export async function two(world: World): Promise<readonly [first: Version, second: Version]> {
  const first = await issued(world);
  const second = await rotated(world);
  await world.clock.sleep(HOUR);
  return [first, second];
}

/** The first credential, in its soak after a rotation. */
export async function soaking(world: World): Promise<Version> {
  const first = await issued(world);
  await rotated(world);
  await pass(world, DAY + HOUR);
  return first;
}

/** Verifies the right to pull from this repository, within `within` milliseconds. */
export const pulling = (repository: string, within = 2 * MINUTE): Partial<Target> => ({
  verify: { within, every: HOUR, access: { repository, actions: ['pull'] }, manifest: undefined },
});

/** Expects AWSCURRENT to be enabled at the vendor, and the invariants of a world at rest. */
export async function well(world: World): Promise<void> {
  expect(await currentState(world)).toBe('enabled');
  await world.holds();
}

/** The state at the vendor of the credential of a version. */
export function state(world: World, { credential }: Version): string {
  return world.vendor.credentials().find(({ id }) => id === credential?.id)?.state ?? 'deleted';
}

/** The state at the vendor of the credential of AWSCURRENT. */
export const currentState = async (world: World): Promise<string> =>
  state(world, await current(world));

export interface Passing {
  readonly target?: Target;
  readonly worker?: () => Engine;
  /** Called after each sweep. */
  readonly look?: () => unknown;
}

/**
 * Passes `ms` of time, with a sweep every five minutes at which a worker does what is due. Skips
 * hours in which nothing is due.
 */
export async function pass(
  world: World,
  ms: number,
  { target = world.target, worker = world.worker, look }: Passing = {},
) {
  const { clock } = world;
  const end = plus(clock.now(), ms);
  for (;;) {
    const snapshot = await world.worker().store.describe(target.secret);
    const { action, at } = decide(target, snapshot, clock.now());
    if (action !== 'wait') await world.run(worker(), target).catch(() => {});
    await look?.();
    if (clock.now() >= end) return;
    const soon = plus(clock.now(), 5 * MINUTE);
    const calm = action === 'wait' ? earliest(at ?? end, plus(clock.now(), HOUR)) : soon;
    clock.jumpTo(earliest(end, latest(soon, calm)));
  }
}

const always = Number.POSITIVE_INFINITY;

/** Makes the vendor answer 503 to every request that matches. */
export const vendorDown = ({ vendor }: World, what = /./): void =>
  vendor.faults.next(what, { status: 503 }, always);
export const vendorUp = ({ vendor }: World): void => vendor.faults.clear();

/** Makes the registry answer 503, which is no verdict. */
export const registrySilent = ({ vendor }: World): void =>
  vendor.registryFaults.next(/./, { status: 503 }, always);
export const registryBack = ({ vendor }: World): void => vendor.registryFaults.clear();

/** Makes EventBridge fail. */
export const busDown = ({ aws }: World): void =>
  aws.faults.next('events.PutEvents', { error: 'InternalException' }, always);
export const busUp = ({ aws }: World): void => aws.faults.clear();

export const dataOf = (event: RekeyEvent | undefined): Readonly<Record<string, unknown>> => ({
  ...event?.detail.data,
});

export const count = (world: World, type: string): number => world.events(type).length;

/** The data of all events of a type so far. */
export const eventData = (world: World, type: string) => world.events(type).map(dataOf);

/** Events that name a version, or the credential in it. */
export const about = (
  world: World,
  version: Version,
  ...types: readonly string[]
): readonly RekeyEvent[] =>
  world.published.filter((event) => {
    const { versionId, credentialId } = dataOf(event);
    const named =
      versionId === version.id ||
      (credentialId !== undefined && credentialId === version.credential?.id);
    return named && (types.length === 0 || types.includes(event.detailType));
  });

/** A time in the data of an event, in ms since 1970; NaN if there is none. */
export const time = (value: unknown): number =>
  typeof value === 'string' ? Date.parse(value) : Number.NaN;

/** The end of the previous credential in the event that announces its successor. */
export function announcedEnd(event: RekeyEvent | undefined): number {
  const { previous, from } = dataOf(event) as {
    previous?: { revokeAfter?: string };
    from?: { revokeAfter?: string };
  };
  return time((previous ?? from)?.revokeAfter);
}
