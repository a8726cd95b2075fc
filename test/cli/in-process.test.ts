import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { awsTime } from '../../lib/aws/aws-time.ts';
import type { Context } from '../../lib/cli/context.ts';
import { run, type Wiring } from '../../lib/cli/program.ts';
import type { Clock } from '../../lib/core/ports.ts';
import { reconcile } from '../../lib/core/reconcile/index.ts';
import { plus, SECOND } from '../../lib/core/time.ts';
import { createEngine } from '../../lib/wiring/engine.ts';
import { cliContext } from '../support/cli.ts';
import { some } from '../support/providers.ts';
import { DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let complaints: string[];
beforeEach(async () => {
  world = await createWorld(some.disabling);
  complaints = [];
  await world.run();
  await world.clock.sleep(HOUR);
});
afterEach(() => world.close());

const rekey = (context: Context, ...args: string[]): Promise<number> => {
  complaints.length = 0;
  const connect: Wiring['connect'] = async (_options, work) => work(context);
  const readFleet = () => context.fleet;
  const confirm = async () => true;
  return run(args, {
    print: () => {},
    complain: (line) => void complaints.push(line),
    readFleet,
    schema: () => '{}',
    connect,
    confirm,
    version: '1.2.3',
  });
};

/** A machine whose clock is this much ahead of AWS's, wired as in lib/cli/main.ts. */
function machine(ahead: number): Context {
  const local: Clock = { now: () => plus(world.clock.now(), ahead), sleep: world.clock.sleep };
  const secretsManager = new SecretsManagerClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: world.aws.requestHandler,
    maxAttempts: 1,
  });
  const { clock, skew } = awsTime(secretsManager, local);
  const base = cliContext(world);
  const { endpoints } = world.worker();
  const { events } = base.engine;
  const eventBridge = undefined as never;
  const engine = {
    ...createEngine({
      secretsManager,
      eventBridge,
      bus: 'default',
      clock,
      ...(endpoints && { endpoints }),
    }),
    events,
  };
  const { signal } = new AbortController();
  const act: Context['reconcile'] = (target) =>
    reconcile(engine, target, { signal, correlationId: 'cli-test' });
  return { ...base, engine, skew, reconcile: act };
}

describe('--in-process with a wrong clock', () => {
  test.each([
    ['a day ahead', DAY],
    ['61 seconds ahead', 61 * SECOND],
    ['an hour behind', -HOUR],
  ])('--in-process issues and revokes nothing if the local clock is %s', async (_what, ahead) => {
    await rekey(cliContext(world), 'rotate', 'app', '--in-process');
    await world.clock.sleep(HOUR);
    const before = { alive: world.alive(), ledger: await world.ledger() };
    for (const command of ['rotate', 'compromised', 'rollback']) {
      expect(await rekey(machine(ahead), command, 'app', '--in-process')).toBe(1);
      expect(complaints.join()).toMatch(
        /nothing was done: the clock of this machine is \S+( \S+)? (ahead of|behind) AWS's/,
      );
    }
    expect({ alive: world.alive(), ledger: await world.ledger() }).toEqual(before);
  });

  test('--in-process acts by AWS’s time if the local clock is half a minute ahead', async () => {
    expect(await rekey(machine(30 * SECOND), 'rotate', 'app', '--in-process')).toBe(0);
    expect((await world.ledger()).current?.credential?.issuedAt).toEqual(world.clock.now());
  });

  test('--in-process does nothing if AWS does not send its time', async () => {
    const context = cliContext(world, { skew: () => undefined });
    expect(await rekey(context, 'rotate', 'app', '--in-process')).toBe(1);
    expect(complaints.join()).toContain('AWS did not send its time');
    expect(world.enabled()).toHaveLength(1);
  });
});

describe('--in-process around the end of a grace', () => {
  test.each([
    ['2 minutes before', -2 * MINUTE],
    ['2 minutes after', 2 * MINUTE],
  ])('a rollback %s the end of the grace is refused with --in-process', async (_what, offset) => {
    await rekey(cliContext(world), 'rotate', 'app', '--in-process');
    const before = (await world.ledger()).current?.id;
    // no worker ran at the end of the grace, so the previous credential is not disabled yet
    await world.clock.sleep(DAY + offset);
    expect(await rekey(cliContext(world), 'rollback', 'app', '--in-process')).toBe(1);
    expect(complaints.join()).toMatch(
      /grace of the previous credential ends .* keeps 5m away|must not end within 5 minutes/,
    );
    expect((await world.ledger()).current?.id).toBe(before);
  });

  test('a rollback long before the end of the grace succeeds with --in-process', async () => {
    await rekey(cliContext(world), 'rotate', 'app', '--in-process');
    await world.clock.sleep(HOUR);
    expect(await rekey(cliContext(world), 'rollback', 'app', '--in-process')).toBe(0);
    expect(world.events('Rolled Back')).toHaveLength(1);
  });
});
