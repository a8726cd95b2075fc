import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run, type Wiring } from '../../lib/cli/program.ts';
import type { Fleet } from '../../lib/core/fleet/index.ts';
import { cliContext } from '../support/cli.ts';
import { some } from '../support/providers.ts';
import { aTarget, DAY } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

const other = aTarget({ name: 'other', secret: 'rekey/acme/other' });
let world: World;
let current: Fleet;
let out: string[];
let complaints: string[];
let questions: string[];
let answer: boolean | undefined;
let skew: number;
beforeEach(async () => {
  world = await createWorld(some.disabling);
  await world.run();
  current = { id: 'acme', targets: [other] };
  questions = [];
  answer = undefined;
  skew = 0;
});
afterEach(() => world.close());

/**
 * Runs `rekey retire` with today's fleet file and with old.yaml, which still has the target app;
 * returns the exit status.
 */
const retire = (...args: string[]): Promise<number> => {
  out = [];
  complaints = [];
  const print = (line: string) => void out.push(line);
  const connect: Wiring['connect'] = async (_options, work) =>
    work(cliContext(world, { fleet: current, print, skew: () => skew }));
  const readFleet = (file: string): Fleet =>
    file === 'old.yaml'
      ? { id: 'acme', targets: [other, world.target] }
      : { id: 'beta', targets: [{ ...world.target, fleet: 'beta' }] };
  const confirm = async (question: string) => {
    questions.push(question);
    return answer ?? false;
  };
  const wiring = {
    print,
    complain: (line: string) => void complaints.push(line),
    readFleet,
    schema: () => '{}',
    connect,
    version: '1.2.3',
  };
  return run(['retire', ...args], { ...wiring, ...(answer !== undefined && { confirm }) });
};
const text = () => out.join('\n');

describe('rekey retire', () => {
  test('`rekey retire` is status 1 while credentials are left, with the next run', async () => {
    expect(await retire('app', '--from', 'old.yaml', '--yes')).toBe(1);
    expect(out).toContain('app: vacate (target-removed)');
    expect(text()).toMatch(
      /\n {2}\S+ {2}disabled, deleted at 2026-01-16T.*Z\nnot done: 1 of .*; run this again at /,
    );
    expect(text()).toContain('(in 1d): rekey retire app --from old.yaml');
    expect(world.enabled()).toEqual([]);
    world.clock.jumpTo(new Date(world.clock.now().getTime() + DAY));
    expect(await retire('app', '--from', 'old.yaml', '--yes')).toBe(0);
    expect(text()).toMatch(/done: none .*delete-secret --secret-id rekey\/acme\/app/);
    expect(world.alive()).toEqual([]);
    expect(await retire('app', '--from', 'old.yaml')).toBe(0);
    expect(text()).toMatch(/^done: /);
  });

  test('`rekey retire --now` skips the soak period', async () => {
    expect(await retire('app', '--from', 'old.yaml', '--yes', '--now')).toBe(0);
    expect(world.alive()).toEqual([]);
    expect(world.events('Target Retired')).toHaveLength(1);
  });

  test('`rekey retire` asks first, and does nothing without a yes', async () => {
    answer = false;
    expect(await retire('app', '--from', 'old.yaml')).toBe(1);
    expect(questions).toEqual(['End the credentials of app?']);
    expect(complaints.at(-1)).toBe('aborted: nothing was done');
    answer = undefined;
    expect(await retire('app', '--from', 'old.yaml')).toBe(1);
    expect(complaints.at(-1)).toBe('aborted: not a terminal; pass --yes to confirm');
    expect(world.enabled()).toHaveLength(1);
    answer = true;
    expect(await retire('app', '--from', 'old.yaml', '--now')).toBe(0);
  });

  test('`rekey retire` warns if no sweep has reported the target as removed', async () => {
    answer = false;
    await retire('app', '--from', 'old.yaml');
    expect(out[0]).toMatch(/^no sweep has reported yet that rekey\/acme\/app left the fleet/);
  });

  test.each([
    [
      'the fleet file still has the target',
      'old.yaml',
      (): Fleet => ({ id: 'acme', targets: [world.target] }),
      'still has the target app; take it out and deploy first',
    ],
    [
      'another target has its secret',
      'old.yaml',
      (): Fleet => ({ id: 'acme', targets: [{ ...world.target, name: 'api' }] }),
      'still keeps api in the secret rekey/acme/app',
    ],
    [
      'the target has a new secret',
      'old.yaml',
      (): Fleet => ({ id: 'acme', targets: [{ ...world.target, secret: 'x' }] }),
      'still has the target app',
    ],
    [
      'the files belong to two fleets',
      'beta.yaml',
      () => current,
      'was a target of the fleet beta, but the fleet file is that of acme',
    ],
  ])('`rekey retire` refuses, and changes nothing, if %s', async (_what, from, fleet, message) => {
    current = fleet();
    const before = world.vendor.requests.length;
    expect(await retire('app', '--from', from, '--yes')).toBe(1);
    expect(complaints.join()).toContain(message);
    expect(world.vendor.requests).toHaveLength(before);
    expect(world.enabled()).toHaveLength(1);
  });

  test('`rekey retire` refuses a target that the old file lacks, and wants --from', async () => {
    expect(await retire('absent', '--from', 'old.yaml', '--yes')).toBe(2);
    expect(complaints.at(-1)).toBe('no target absent in the fleet acme; it has other, app');
    expect(await retire('app', '--yes')).toBe(2);
  });

  test('`rekey retire` fails if the secret is gone', async () => {
    await world.secretsManager.send(
      new DeleteSecretCommand({ SecretId: world.target.secret, RecoveryWindowInDays: 7 }),
    );
    expect(await retire('app', '--from', 'old.yaml', '--yes')).toBe(1);
    expect(complaints.join()).toContain('is scheduled for deletion; restore it first');
    expect(await retire('other', '--from', 'old.yaml', '--yes')).toBe(1);
    expect(complaints.join()).toContain('still has the target other');
  });

  test('`rekey retire` ends nothing if the local clock is wrong', async () => {
    skew = DAY;
    expect(await retire('app', '--from', 'old.yaml', '--yes')).toBe(1);
    expect(complaints.join()).toMatch(
      /nothing was done: the clock of this machine is 1d ahead of AWS's/,
    );
    expect(world.enabled()).toHaveLength(1);
  });

  test('`rekey retire` prints a failure, what is left and when to run it again', async () => {
    world.vendor.faults.next(/./, { status: 401 });
    expect(await retire('app', '--from', 'old.yaml', '--yes')).toBe(1);
    expect(text()).toMatch(
      /app: failed: .*status 401.*\n {2}\S+ {2}current\nnot done: 1 of .* run this again: /s,
    );
    expect(await retire('app', '--from', 'old.yaml', '--yes', '--now')).toBe(0);
  });
});
