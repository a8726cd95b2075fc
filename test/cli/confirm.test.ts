import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../lib/cli/program.ts';
import { cliContext, deployWorker } from '../support/cli.ts';
import { some } from '../support/providers.ts';
import { HOUR } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld(some.disabling);
});
afterEach(() => world.close());

const rekey = (...args: string[]): Promise<number> => {
  const context = cliContext(world, { print: () => {} });
  const wiring = {
    print: () => {},
    complain: () => {},
    readFleet: () => context.fleet,
    schema: () => '{}',
    version: '1.2.3',
  };
  return run(args, { ...wiring, connect: async (_options, work) => work(context) });
};

test('`rekey compromised --confirm` ends held credentials, and follows that', async () => {
  await world.run();
  await world.clock.sleep(HOUR);
  await deployWorker(world);
  const leaked = world.enabled().map(({ id }) => id);
  expect(await rekey('compromised', 'app', '--confirm', '--yes')).toBe(0);
  expect(world.aws.events.recorded().map((event) => event['detail-type'])).toContain(
    'Compromise Confirmed',
  );
  expect(world.enabled().filter(({ id }) => leaked.includes(id))).toEqual([]);
});

test('no other command has the option --confirm', async () => {
  expect(await rekey('rotate', 'app', '--confirm')).toBe(2);
});
