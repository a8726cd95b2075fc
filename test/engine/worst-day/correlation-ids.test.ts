import { afterEach, expect, test } from 'vitest';
import type { InboundType } from '../../../lib/core/events/index.ts';
import { request } from '../../../lib/core/jobs/requests.ts';
import { some } from '../../support/providers.ts';
import {
  HOUR,
  issued,
  MINUTE,
  pass,
  rotated,
  vendorDown,
  vendorUp,
  type World,
  worlds,
} from './setup.ts';

const { open, close } = worlds();
afterEach(close);

const requestWithTicket = (world: World, type: InboundType) =>
  request(world.worker().store, world.clock, type, world.target, 'ticket-7');
const correlations = (world: World, type: string) =>
  world.events(type).map(({ detail }) => detail.metadata.correlationId);

test('The correlation id of a request survives until another run carries it out', async () => {
  const world = await open(some.disabling);
  await issued(world);
  await world.clock.sleep(HOUR);
  await requestWithTicket(world, 'Rotation Requested');
  vendorDown(world, /POST/);
  await pass(world, 10 * MINUTE);
  vendorUp(world);
  world.published.length = 0;
  await pass(world, HOUR);
  expect(correlations(world, 'Credential Rotated')).toEqual(['ticket-7']);
});

test('All events of a compromise carry the correlation id of its report', async () => {
  const world = await open(some.deleting);
  await issued(world);
  await rotated(world);
  await requestWithTicket(world, 'Credential Compromised');
  world.published.length = 0;
  await pass(world, HOUR);
  expect(correlations(world, 'Credential Rotated')).toEqual(['ticket-7']);
  expect(correlations(world, 'Credential Revoked')).toEqual(['ticket-7', 'ticket-7']);
});

test('A rollback carries the correlation id of its request', async () => {
  const world = await open(some.deleting);
  await issued(world);
  await rotated(world);
  await requestWithTicket(world, 'Rollback Requested');
  await pass(world, 10 * MINUTE);
  expect(correlations(world, 'Rolled Back')).toEqual(['ticket-7']);
});
