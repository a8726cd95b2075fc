import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { awsAdvice } from '../../lib/aws/advice.ts';
import type { Context } from '../../lib/cli/context.ts';
import { type Options, run, type Wiring } from '../../lib/cli/program.ts';
import { view } from '../../lib/cli/view.ts';
import { RekeyError } from '../../lib/core/errors.ts';
import { cliContext } from '../support/cli.ts';
import { some } from '../support/providers.ts';
import { DAY, HOUR } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let out: string[];
let complaints: string[];
let change: Partial<Context>;
let confirm: Wiring['confirm'];
beforeEach(async () => {
  world = await createWorld(some.disabling);
  out = [];
  complaints = [];
  change = {};
  confirm = async () => true;
});
afterEach(() => world.close());

/** Runs the CLI over the world; returns the exit status. */
const rekey = (...args: string[]): Promise<number> => {
  out.length = 0;
  complaints.length = 0;
  const fleet = { id: 'acme', targets: [world.target] };
  const print = (line: string) => void out.push(line);
  const connect: Wiring['connect'] = async (_options: Options, work) =>
    work(cliContext(world, { fleet, print, ...change }));
  const readFleet = (file: string) => {
    if (file === 'missing.yaml') throw new RekeyError('bad-fleet', 'missing.yaml does not exist');
    return fleet;
  };
  const advise: Wiring['advise'] = ({ cause }) => awsAdvice(cause, { region: 'eu-central-1' });
  const complain = (line: string) => void complaints.push(line);
  return run(args, {
    print,
    complain,
    readFleet,
    schema: () => '{}',
    connect,
    advise,
    version: '1.2.3',
    ...(confirm && { confirm }),
  });
};

describe('rekey', () => {
  test('`rekey --help` and `rekey --version` print and end with 0', async () => {
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
  ])('%s is wrong usage: status 2 and a hint', async (_what, args, hint) => {
    expect(await rekey(...args)).toBe(2);
    expect(complaints.join('\n')).toContain(hint);
  });

  test('`rekey validate` prints a summary of the file, or its problems', async () => {
    expect(await rekey('validate')).toBe(0);
    expect(out).toEqual(['rekey.yaml: fleet acme, 1 target, valid']);
    expect(await rekey('--fleet', 'missing.yaml', 'validate')).toBe(1);
    expect(complaints).toEqual(['missing.yaml does not exist']);
  });

  test('`rekey plan` shows target, state, due, reason and when, and changes nothing', async () => {
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

  test('`rekey plan --json` prints JSON', async () => {
    await world.run();
    await rekey('plan', '--json');
    const { fleet, targets } = JSON.parse(out.join('\n'));
    expect(fleet).toBe('acme');
    expect(targets).toMatchObject([
      {
        target: 'app',
        state: 'healthy',
        due: 'rotate',
        reason: 'too-old',
        when: expect.any(String),
        superseded: [],
      },
    ]);
  });

  test('`rekey rotate --in-process` rotates now, and status shows the rollback', async () => {
    await world.run();
    await world.clock.sleep(HOUR);
    expect(await rekey('rotate', 'app', '--in-process')).toBe(0);
    expect(out[0]).toBe('app: rotate (requested)');
    expect(await rekey('status', 'app')).toBe(0);
    expect(out.join('\n')).toMatch(
      /app: grace.*superseded .* alive, revoked in 1d.*rollback +possible until .* rollback app/s,
    );
    expect(await rekey('rollback', 'app', '--in-process')).toBe(0);
    expect(world.events('Rolled Back')).toHaveLength(1);
  });

  test('`rekey rotate --in-process` within 15 minutes of a rotation is status 3', async () => {
    await world.run();
    expect(await rekey('rotate', 'app', '--in-process')).toBe(3);
    expect(out).toEqual([
      [
        'not done: held by too-soon until 2026-01-15T09:45:00.000Z;',
        'the request is recorded, and rekey resumes it then',
      ].join(' '),
    ]);
  });

  test('`rekey compromised --in-process` rotates, and leaves one live credential', async () => {
    await world.run();
    await world.clock.sleep(HOUR);
    expect(await rekey('compromised', 'app', '--in-process')).toBe(0);
    expect(world.enabled()).toHaveLength(1);
  });

  test('`rekey rollback` without a previous credential fails with a reason', async () => {
    await world.run();
    expect(await rekey('rollback', 'app', '--in-process')).toBe(1);
    expect(complaints.join()).toContain('no previous credential qualifies');
    await world.live(40 * DAY);
    await rekey('status');
    expect(out.join('\n')).toContain('app:');
  });

  test('a rotation that fails in process is status 1, with a reason, and stuck', async () => {
    await world.run();
    await world.clock.sleep(HOUR);
    world.vendor.faults.next(/^POST /, { status: 401 });
    expect(await rekey('rotate', 'app', '--in-process')).toBe(1);
    expect(out[0]).toMatch(
      /^app: rotate \(requested\) failed: [\w-]+: create the \w+: status 401: /,
    );
    await rekey('status', 'app');
    expect(out.join('\n')).toMatch(
      /app: failing.*stuck +admin-refused, 1 in a row, next try in 1m/s,
    );
  });

  test('`rekey doctor` reports what is in order, and changes nothing', async () => {
    await world.run();
    const before = world.vendor.credentials().length;
    expect(await rekey('doctor')).toBe(0);
    expect(out.map((line) => line.trim().split(':')[0])).toEqual([
      `app (${world.target.provider})`,
      'ok     secret',
      'ok     provider',
      'ok     registry',
    ]);
    expect(world.vendor.credentials()).toHaveLength(before);
  });

  test('`rekey doctor` reports what is wrong, with advice', async () => {
    await world.run();
    world.vendor.faults.next(/^GET /, { status: 403 });
    expect(await rekey('doctor', 'app')).toBe(1);
    expect(out.join('\n')).toMatch(/WRONG {2}provider: [\w-]+: .*: status 403: \w.{20}/);
    world.vendor.registryFaults.next(/./, { status: 403 });
    expect(await rekey('doctor', 'app', '--json')).toBe(0);
    expect(JSON.parse(out.join('\n'))).toMatchObject({
      fleet: 'acme',
      targets: [
        {
          target: 'app',
          findings: [
            {},
            {},
            {
              about: 'registry',
              outcome: 'unknown',
              message: expect.stringContaining('allow-list'),
            },
          ],
        },
      ],
    });
  });

  test('an unknown target is wrong usage, with a suggestion or the known targets', async () => {
    expect(await rekey('rotate', 'apps')).toBe(2);
    expect(complaints.at(-1)).toBe('no target apps in the fleet acme; did you mean app?');
    expect(await rekey('rotate', 'absent')).toBe(2);
    expect(complaints.at(-1)).toBe('no target absent in the fleet acme; it has app');
  });

  test('a command first prints fleet, account, region and bus on stderr', async () => {
    for (const command of ['plan', 'status', 'doctor']) {
      await rekey(command);
      expect(complaints).toEqual(['acme · account 000000000000 · eu-central-1 · bus default']);
      expect(out.join()).not.toContain('account');
    }
    change = {
      account: '111122223333',
      bus: 'arn:aws:events:eu-central-1:111122223333:event-bus/rekey-acme',
    };
    await rekey('plan');
    expect(complaints).toEqual(['acme · account 111122223333 · eu-central-1 · bus rekey-acme']);
  });

  test('a command works for a caller who may not describe the first secret', async () => {
    world.aws.faults.next('secretsmanager.DescribeSecret', { error: 'AccessDeniedException' });
    expect(await rekey('plan')).toBe(0);
    expect(complaints).toEqual(['acme · account unknown · eu-central-1 · bus default']);
  });

  test('an AWS error is printed with advice', async () => {
    world.aws.faults.next('secretsmanager.ListSecrets', { error: 'ExpiredTokenException' });
    expect(await rekey('plan')).toBe(1);
    expect(complaints.slice(1)).toEqual([
      'failed: ListSecrets (ExpiredTokenException)',
      'the AWS session has expired; sign in again, for example with: aws sso login',
    ]);
  });

  test('--exit-code makes plan and status end with 1 if a target needs help', async () => {
    await world.run();
    for (const command of ['plan', 'status']) expect(await rekey(command, '--exit-code')).toBe(0);
    await world.clock.sleep(HOUR);
    world.vendor.faults.next(/^POST /, { status: 401 });
    await rekey('rotate', 'app', '--in-process');
    for (const command of ['plan', 'status']) expect(await rekey(command, '--exit-code')).toBe(1);
    expect(await rekey('plan')).toBe(0);
  });

  test('a current credential that has expired is not shown as healthy', async () => {
    const temporary = await createWorld(some.expiring);
    try {
      await temporary.run();
      temporary.clock.jumpTo(new Date(temporary.clock.now().getTime() + 40 * DAY));
      const snapshot = await temporary.worker().store.describe(temporary.target.secret);
      expect(view(temporary.target, snapshot, temporary.clock.now()).state).toBe('expired');
    } finally {
      await temporary.close();
    }
  });
});

describe('compromised and rollback', () => {
  const alive = () => world.enabled().map(({ id }) => id);

  test('compromised and rollback ask first, with account, region and what ends', async () => {
    await world.run();
    await world.clock.sleep(HOUR);
    await rekey('rotate', 'app', '--in-process');
    const questions: string[] = [];
    const end = '2026-01-16T10:30:00.000Z';
    confirm = async (question) => {
      questions.push(question);
      return false;
    };
    const [before, after] = alive();
    expect(await rekey('compromised', 'app')).toBe(1);
    expect(out).toEqual([
      'app, account 000000000000, eu-central-1:',
      `  credential ${before} (superseded) is revoked at once`,
      `  credential ${after} (current) is revoked as soon as its successor is current`,
    ]);
    expect(await rekey('rollback', 'app', '--in-process')).toBe(1);
    expect(out).toEqual([
      'app, account 000000000000, eu-central-1:',
      `  credential ${before} becomes current again`,
      `  credential ${after} (current) is superseded, and is revoked about ${end}`,
    ]);
    expect(complaints.at(-1)).toBe('aborted: nothing was done');
    expect(questions).toEqual(['Report app as compromised?', 'Roll back app?']);
    expect(alive()).toEqual([before, after]);
  });

  test.each(['compromised', 'rollback'])(
    '`rekey %s` without a terminal does nothing unless --yes is passed',
    async (command) => {
      await world.run();
      await world.clock.sleep(HOUR);
      await rekey('rotate', 'app', '--in-process');
      await world.clock.sleep(HOUR);
      confirm = undefined;
      const before = alive();
      for (const flags of [[], ['--in-process']]) {
        expect(await rekey(command, 'app', ...flags)).toBe(1);
        expect(complaints.at(-1)).toBe('aborted: not a terminal; pass --yes to confirm');
      }
      expect(alive()).toEqual(before);
      expect(world.aws.events.recorded().filter(({ source }) => source === 'rekey.cli')).toEqual(
        [],
      );
      expect(await rekey(command, 'app', '--in-process', '--yes')).toBe(0);
    },
  );

  test('`rekey rotate` does not ask, as the previous credential survives the grace', async () => {
    await world.run();
    await world.clock.sleep(HOUR);
    confirm = undefined;
    expect(await rekey('rotate', 'app', '--in-process')).toBe(0);
  });
});

describe('the output of the CLI', () => {
  test('no control character of a staging label reaches the terminal', async () => {
    await world.run();
    const forged = '\x1b[2J\x9b1m\nother: healthy';
    const { engine } = cliContext(world);
    const describe_: typeof engine.store.describe = async (secret) => {
      const snapshot = await engine.store.describe(secret);
      const versions = Object.entries(snapshot?.versions ?? {}).map(([id, labels]) => [
        id,
        labels.map((label) =>
          label.startsWith('rekey:1:credential:')
            ? label.replace(/[^:]+$/, encodeURIComponent(forged))
            : label,
        ),
      ]);
      return snapshot && { ...snapshot, versions: Object.fromEntries(versions) };
    };
    change = { engine: { ...engine, store: { ...engine.store, describe: describe_ } } };
    for (const args of [
      ['status', 'app'],
      ['status', 'app', '--json'],
    ]) {
      await rekey(...args);
      expect(out.join('')).toContain('\\u001b[2J');
      expect([...out, ...complaints].join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(out.filter((line) => line.startsWith('other'))).toEqual([]);
    }
    expect(JSON.parse(out.join('\n')).targets[0].current.credential).toBe(forged);
  });
});
