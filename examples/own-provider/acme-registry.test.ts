import { labelled, openWorld, testProvider } from 'cdk-rekey/provider/testing';
import { describe, expect, test } from 'vitest';
import { acmeRegistry } from './acme-registry.ts';
import { createSimulatedAcmeRegistry } from './acme-vendor.ts';

const subject = {
  provider: acmeRegistry,
  vendor: createSimulatedAcmeRegistry,
  create: /^POST .*\/tokens$/,
  list: /^GET .*\/tokens$/,
  remove: /^DELETE .*\/tokens\/[^/]+$/,
  place: {
    moves: [{ projectId: '11111111-2222-4333-8444-555555555555' }],
    stays: [{ projectId: '5D3C6A0E-7F41-4B58-9A0D-2C8F1E6B4A97' }],
  },
};
const open = () => openWorld(subject);

testProvider('acme-registry', subject);

describe('acme-registry', () => {
  test('acme-registry uses the label as the username', async () => {
    const world = await open();
    const label = labelled();
    expect((await world.issue(label)).username).toBe(label);
  });

  test('acme-registry issues nothing with a read-only admin token', async () => {
    const world = await open();
    world.vendor.behaviour.mayWrite = false;
    await expect(world.issue()).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('acme-registry issues nothing for an unknown project', async () => {
    const world = await open();
    const call = world.call({ params: { projectId: '11111111-2222-4333-8444-555555555555' } });
    await expect(acmeRegistry.issue(call, world.order())).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('projectId'),
    });
  });
});
