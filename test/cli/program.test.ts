import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../lib/cli/context.ts';
import { type Options, run, type Wiring } from '../../lib/cli/program.ts';
import { RekeyError } from '../../lib/core/errors.ts';
import { cliContext } from '../support/cli.ts';
import { DAY, HOUR } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let out: string[];
let complaints: string[];
let change: Partial<Context>;
beforeEach(async () => {
  world = await createWorld('ionos');
  out = [];
  complaints = [];
  change = {};
});
afterEach(() => world.close());

/** Runs the CLI over the world; the exit status. */
const rekey = (...args: string[]): Promise<number> => {
  out.length = 0;
  complaints.length = 0;
  const fleet = { id: 'acme', targets: [world.target] };
  const print = (line: string) => void out.push(line);
  const connect: Wiring['connect'] = async (_options: Options, work) => work(cliContext(world, { fleet, print, ...change }));
  const readFleet = (file: string) => {
    if (file === 'missing.yaml') throw new RekeyError('bad-fleet', 'missing.yaml does not exist');
    return fleet;
  };
  return run(args, { print, complain: (line) => void complaints.push(line), readFleet, connect, version: '1.2.3' });
};

describe('rekey', () => {
  test('--help and --version end with 0, and tell', async () => {
    expect(await rekey('--help')).toBe(0);
    expect(out.join('\n')).toMatch(/rotate.*\n.*compromised/s);
    expect(await rekey('--version')).toBe(0);
    expect(out).toEqual(['1.2.3']);
  });

  test.each([
    ['an unknown command', ['rotat', 'app'], 'Did you mean rotate?'],
    ['an unknown option', ['plan', '--jsn'], '--json'],
    ['a missing name', ['rotate'], "missing required argument 'name'"],
    ['one argument too many', ['rotate', 'app', 'x'], 'too many arguments'],
  ])('%s is wrong usage: status 2, and a hint', async (_what, args, hint) => {
    expect(await rekey(...args)).toBe(2);
    expect(complaints.join('\n')).toContain(hint);
  });

  test('validate says what it read, or what is wrong', async () => {
    expect(await rekey('validate')).toBe(0);
    expect(out).toEqual(['rekey.yaml: fleet acme, 1 target, nothing wrong']);
    expect(await rekey('--fleet', 'missing.yaml', 'validate')).toBe(1);
    expect(complaints).toEqual(['missing.yaml does not exist']);
  });

  test('plan shows target, state, due, reason and when, and touches nothing', async () => {
    expect(await rekey('plan')).toBe(0);
    expect(
      out
        .join('\n')
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['TARGET', 'STATE', 'DUE', 'REASON', 'WHEN'],
      ['app', 'empty', 'rotate', 'never-issued', 'now'],
    ]);
    expect(world.vendor.requests).toEqual([]);
    await world.run();
    await rekey('plan');
    expect(out.join('\n')).toMatch(/app\s+healthy\s+rotate\s+too-old\s+in 2\dd/);
  });

  test('plan --json is for machines', async () => {
    await world.run();
    await rekey('plan', '--json');
    const { fleet, targets } = JSON.parse(out.join('\n'));
    expect(fleet).toBe('acme');
    expect(targets).toMatchObject([
      { target: 'app', state: 'healthy', due: 'rotate', reason: 'too-old', when: expect.any(String), superseded: [] },
    ]);
  });

  test('rotate --in-process issues a new credential now, and status tells until when one can roll back', async () => {
    await world.run();
    await world.clock.sleep(HOUR);
    expect(await rekey('rotate', 'app', '--in-process')).toBe(0);
    expect(out[0]).toBe('app: rotate (requested)');
    expect(await rekey('status', 'app')).toBe(0);
    expect(out.join('\n')).toMatch(
      /app: grace.*superseded .* alive, revoked in 1d.*roll-back +possible until .*: rekey rollback app/s,
    );
    expect(await rekey('rollback', 'app', '--in-process')).toBe(0);
    expect(world.events('Rolled Back')).toHaveLength(1);
  });

  test('rotate --in-process again within 15 minutes waits, and says so', async () => {
    await world.run();
    expect(await rekey('rotate', 'app', '--in-process')).toBe(0);
    expect(out.join('\n')).toMatch(/next: rotate in 15m \(too-soon\): a rotation was requested/);
  });

  test('compromised --in-process rotates, and leaves one credential alive', async () => {
    await world.run();
    await world.clock.sleep(HOUR);
    expect(await rekey('compromised', 'app', '--in-process')).toBe(0);
    expect(world.enabled()).toHaveLength(1);
  });

  test('rollback with nothing to go back to fails, and says why', async () => {
    await world.run();
    expect(await rekey('rollback', 'app', '--in-process')).toBe(1);
    expect(complaints.join()).toContain('no version before the current one is alive');
    await world.live(40 * DAY);
    await rekey('status');
    expect(out.join('\n')).toContain('app:');
  });

  test('a rotation that fails in process is status 1, told with its reason, and shown as stuck', async () => {
    await world.run();
    await world.clock.sleep(HOUR);
    world.vendor.faults.next(/^POST /, { status: 401 });
    expect(await rekey('rotate', 'app', '--in-process')).toBe(1);
    expect(out[0]).toMatch(/^app: rotate \(requested\) failed: ionos: create the token: status 401: /);
    await rekey('status', 'app');
    expect(out.join('\n')).toMatch(/app: failing.*stuck +admin-refused, 1 in a row, tried again in 1m/s);
  });

  test('doctor says what is in order, and changes nothing', async () => {
    await world.run();
    const before = world.vendor.credentials().length;
    expect(await rekey('doctor')).toBe(0);
    expect(out.map((line) => line.trim().split(':')[0])).toEqual(['app', 'ok     secret', 'ok     provider', 'ok     registry']);
    expect(world.vendor.credentials()).toHaveLength(before);
  });

  test('doctor says what is wrong, and what to do', async () => {
    await world.run();
    world.vendor.faults.next(/^GET /, { status: 403 });
    expect(await rekey('doctor', 'app')).toBe(1);
    expect(out.join('\n')).toMatch(/WRONG {2}provider: ionos: read the registry: status 403: .*accessAndManageRegistries/);
    world.vendor.registryFaults.next(/./, { status: 403 });
    expect(await rekey('doctor', 'app', '--json')).toBe(0);
    expect(JSON.parse(out.join('\n'))).toMatchObject([
      {
        target: 'app',
        findings: [{}, {}, { about: 'registry', outcome: 'unknown', message: expect.stringContaining('allow-list') }],
      },
    ]);
  });

  test('an unknown target is status 1, and the error lists what there is', async () => {
    expect(await rekey('rotate', 'nobody')).toBe(1);
    expect(complaints).toEqual(['no target nobody in the fleet acme; it has app']);
  });
});
