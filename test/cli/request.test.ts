import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../lib/cli/context.ts';
import { run, type Wiring } from '../../lib/cli/program.ts';
import { RekeyError } from '../../lib/core/errors.ts';
import { request } from '../../lib/core/jobs/requests.ts';
import { parseValue } from '../../lib/core/ledger/value.ts';
import { cliContext, deployWorker } from '../support/cli.ts';
import { some } from '../support/providers.ts';
import { DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let out: string[];
let complaints: string[];
let change: Partial<Context>;
beforeEach(async () => {
  world = await createWorld(some.disabling);
  out = [];
  complaints = [];
  change = {};
});
afterEach(() => world.close());

/** Runs a command over the world; returns the exit status. */
const rekey = (...args: string[]): Promise<number> => {
  out.length = 0;
  complaints.length = 0;
  const print = (line: string) => void out.push(line);
  const context = cliContext(world, { print, ...change });
  const connect: Wiring['connect'] = async (_options, work) => work(context);
  const readFleet = () => context.fleet;
  const confirm = async () => true;
  return run(args, {
    print,
    complain: (line) => void complaints.push(line),
    readFleet,
    schema: () => '{}',
    connect,
    confirm,
    version: '1.2.3',
  });
};
const text = () => out.join('\n');
const requests = () => world.aws.events.recorded().filter(({ source }) => source === 'rekey.cli');
const published = () => requests().map(({ 'detail-type': type, detail }) => ({ type, ...detail }));

/** A target with a credential that is an hour old, and a worker that receives requests. */
async function settled(): Promise<readonly string[]> {
  await world.run();
  await world.clock.sleep(HOUR);
  return deployWorker(world);
}

describe('a request on the bus', () => {
  test('`rekey rotate` publishes a request, and follows it until it is announced', async () => {
    await settled();
    const [old] = world.enabled();
    expect(await rekey('rotate', 'app')).toBe(0);
    expect(published()).toEqual([
      { type: 'Rotation Requested', target: 'app', correlationId: 'cli-test' },
    ]);
    const { current, versions } = await world.ledger();
    const end = versions
      .find(({ credential }) => credential?.id === old?.id)
      ?.revokeAfter?.toISOString();
    expect(out).toEqual([
      'app: published Rotation Requested on the bus default (cli-test)',
      'app: accepted',
      `app: promoted: version ${current?.id}, credential ${current?.credential?.id}`,
      'app: announced',
      `app: previous credential ${old?.id} stays alive until ${end}`,
      'app: done',
    ]);
  });

  test('the events of a request have the correlation id of the command', async () => {
    await settled();
    await rekey('rotate', 'app');
    expect(world.events('Credential Rotated').at(-1)?.detail.metadata.correlationId).toBe(
      'cli-test',
    );
  });

  test('`rekey compromised` follows the request until each leaked credential is dead', async () => {
    await settled();
    await rekey('rotate', 'app');
    await world.clock.sleep(HOUR);
    const leaked = world.enabled().map(({ id }) => id);
    expect(leaked).toHaveLength(2);
    expect(await rekey('compromised', 'app')).toBe(0);
    for (const id of leaked)
      expect(text()).toMatch(new RegExp(`^app: credential ${id} is (revoked|disabled)`, 'm'));
    expect(out.at(-1)).toBe('app: done');
    expect(world.enabled()).toHaveLength(1);
  });

  test('`rekey rollback` follows until the previous credential is current again', async () => {
    await settled();
    const [first] = world.enabled();
    await rekey('rotate', 'app');
    expect(await rekey('rollback', 'app')).toBe(0);
    expect(text()).toMatch(
      new RegExp(
        `promoted again: version \\S+, credential ${first?.id}\napp: announced\n.*\napp: done$`,
      ),
    );
    expect(world.events('Rolled Back')).toHaveLength(1);
  });

  test('--no-wait ends after publishing, with status 0 and a hint to rekey status', async () => {
    await world.run();
    expect(await rekey('rotate', 'app', '--no-wait')).toBe(0);
    expect(published()).toHaveLength(1);
    expect(out).toEqual([
      'app: published Rotation Requested on the bus default (cli-test)',
      'to see its progress: rekey status app',
    ]);
  });

  test('a request needs DescribeEventBus, PutEvents and DescribeSecret only', async () => {
    await world.run();
    await world.clock.sleep(HOUR);
    const before = world.aws.calls.all().length;
    expect(await rekey('rotate', 'app')).toBe(1);
    const used = world.aws.calls
      .all()
      .slice(before)
      .map(({ operation }) => operation);
    expect([...new Set(used)].sort()).toEqual([
      'events.DescribeEventBus',
      'events.PutEvents',
      'secretsmanager.DescribeSecret',
    ]);
  });

  test('no secret is in the output of a request, in its event or in the ledger', async () => {
    await settled();
    for (const command of ['rotate', 'rollback', 'compromised']) await rekey(command, 'app');
    const shown = `${text()} ${JSON.stringify(requests())}`;
    for (const version of await world.versionIds()) {
      const value = await world.worker().store.read(world.target.secret, version);
      const login = value && parseValue(value);
      if (login) expect(shown).not.toContain(login.password.reveal());
    }
  });
});

describe('a request that does not end well', () => {
  test('a request that is not received fails after a minute, with advice', async () => {
    await world.run();
    const began = world.clock.now().getTime();
    expect(await rekey('rotate', 'app')).toBe(1);
    expect(world.clock.now().getTime() - began).toBe(MINUTE);
    expect(text()).toMatch(/the request was not received within 1m, or it was refused$/m);
    expect(text()).toContain('check that default is the bus of the fleet acme');
    expect(out.at(-1)).toBe(
      'app: to act in this process with your own rights: rekey rotate app --in-process',
    );
  });

  test.each([
    ['rotate', []],
    ['compromised', ['--in-process']],
  ])('`rekey %s` %j does nothing if the bus does not exist', async (command, flags) => {
    await settled();
    const before = await world.ledger();
    change = { bus: 'rekey-other' };
    expect(await rekey(command, 'app', ...flags)).toBe(1);
    expect(complaints.join('\n')).toContain('there is no event bus rekey-other in eu-central-1');
    expect(complaints.join('\n')).toMatch(/AWS_REGION.*REKEY_BUS/);
    expect(await world.ledger()).toEqual(before);
    expect(world.enabled()).toHaveLength(1);
  });

  test('a recorded request that is not done in time is status 3', async () => {
    await world.run();
    await world.clock.sleep(HOUR);
    const publish: Context['publish'] = (type, target) =>
      request(world.worker().store, world.clock, type, target);
    change = { publish };
    expect(await rekey('rotate', 'app', '--wait', '90s')).toBe(3);
    expect(out.slice(1)).toEqual([
      'app: accepted',
      'app: not done within 1m 30s; the worker continues. To see its progress: rekey status app',
    ]);
  });

  test('a rotation that waits longer than the command is status 3, with its gate', async () => {
    await world.run();
    await deployWorker(world);
    expect(await rekey('rotate', 'app')).toBe(3);
    expect(out.slice(1)).toEqual([
      'app: accepted',
      [
        'app: not rotated: held by too-soon until 2026-01-15T09:45:00.000Z;',
        'the request is recorded, and rekey rotates then',
      ].join(' '),
    ]);
  });

  test('a rotation that has to wait less than the command is followed to its end', async () => {
    await world.run();
    await world.clock.sleep(12 * MINUTE);
    await deployWorker(world);
    const sleep: Context['engine']['clock']['sleep'] = async (ms) => {
      await world.aws.idle();
      await world.clock.sleep(ms);
      // a sweep runs every now and then
      if (world.clock.now().getUTCSeconds() === 0) await world.run();
    };
    const { engine } = cliContext(world);
    change = { engine: { ...engine, clock: { now: world.clock.now, sleep } } };
    expect(await rekey('rotate', 'app')).toBe(0);
    expect(text()).toMatch(/held by too-soon until .*\napp: promoted: /);
  });

  test('a rotation that fails is status 1, with the error class and the next try', async () => {
    await settled();
    world.vendor.faults.next(/^POST /, { status: 401 });
    expect(await rekey('rotate', 'app')).toBe(1);
    expect(out.at(-1)).toBe(
      [
        'app: failed: admin-refused, 1 in a row; next try at 2026-01-15T10:31:00.000Z.',
        'To see more: rekey status app',
      ].join(' '),
    );
  });

  test('a compromised credential that cannot be revoked is status 1, and named', async () => {
    await settled();
    const [leaked] = world.enabled();
    // IONOS disables before it deletes; neither works
    for (const verb of [/^PUT /, /^PATCH /, /^DELETE /])
      world.vendor.faults.next(verb, { status: 403 }, 99);
    expect(await rekey('compromised', 'app')).toBe(1);
    expect(out.at(-1)).toContain(`credential ${leaked?.id} is still alive`);
  });

  test('a failed look at the secret is repeated', async () => {
    await settled();
    let looks = 0;
    const { engine } = cliContext(world);
    const describe_: typeof engine.store.describe = async (secret) => {
      // the first look is for the account, the second for the ledger before the request
      if (++looks === 3)
        world.aws.faults.next('secretsmanager.DescribeSecret', { error: 'InternalServiceError' });
      return engine.store.describe(secret);
    };
    change = { engine: { ...engine, store: { ...engine.store, describe: describe_ } } };
    expect(await rekey('rotate', 'app')).toBe(0);
    expect(looks).toBeGreaterThan(3);
  });

  test('an interruption ends the command with its reason', async () => {
    await world.run();
    const stop = new AbortController();
    change = { signal: stop.signal };
    stop.abort(new RekeyError('lost-race', 'interrupted; rekey completes what was begun'));
    expect(await rekey('rotate', 'app')).toBe(1);
    expect(complaints.at(-1)).toBe('interrupted; rekey completes what was begun');
  });
});

describe('a request that the ledger already refuses', () => {
  const refusedAs = async (...args: string[]) => {
    expect(await rekey(...args)).toBe(args.includes('absent') ? 2 : 1);
    expect(requests()).toEqual([]);
    return complaints.at(-1);
  };

  test('a rollback without a previous credential is refused before publishing', async () => {
    await world.run();
    expect(await refusedAs('rollback', 'app')).toContain('no previous credential qualifies');
  });

  test('a rollback close to the end of the grace is refused before publishing', async () => {
    await settled();
    await rekey('rotate', 'app');
    world.aws.events.reset();
    await world.clock.sleep(2 * DAY - 2 * MINUTE);
    expect(await refusedAs('rollback', 'app')).toContain('must not end within 5 minutes');
  });

  test('a compromise report for a secret without a credential of rekey is refused', async () => {
    expect(await refusedAs('compromised', 'app')).toContain("has a credential of rekey's");
  });

  test('a request for an unknown target is refused, and lists the known ones', async () => {
    expect(await refusedAs('rotate', 'absent')).toBe(
      'no target absent in the fleet acme; it has app',
    );
  });

  test('a request for a target without a secret is refused, with advice', async () => {
    change = { fleet: { id: 'acme', targets: [{ ...world.target, secret: 'rekey/acme/gone' }] } };
    expect(await refusedAs('rotate', 'app')).toContain('rekey/acme/gone does not exist; deploy it');
  });

  test.each([
    [
      'a wait that is not a duration',
      ['--wait', 'long'],
      'expected a duration, such as 90s or 10m',
    ],
    ['a wait combined with --in-process', ['--in-process', '--wait', '1m'], 'cannot be used with'],
  ])('%s is wrong usage: status 2', async (_what, options, hint) => {
    expect(await rekey('rotate', 'app', ...options)).toBe(2);
    expect(complaints.join()).toContain(hint);
  });
});
