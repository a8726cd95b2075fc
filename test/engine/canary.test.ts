import { inspect } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import type { Context } from '../../lib/cli/context.ts';
import { run as runCli } from '../../lib/cli/program.ts';
import { request } from '../../lib/core/jobs/requests.ts';
import { parseValue } from '../../lib/core/ledger/value.ts';
import { type Fault, htmlPage } from '../../lib/sandbox/faults.ts';
import { cliContext, deployWorker } from '../support/cli.ts';
import { providersThat } from '../support/providers.ts';
import { DAY, HOUR } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

afterEach(() => vi.restoreAllMocks());

/**
 * Every secret of the world: the content of the admin secret, and the passwords of all versions in
 * all their forms.
 */
async function secretsOf(world: World): Promise<string[]> {
  const admin = Object.entries(JSON.parse(world.vendor.admin) as Record<string, string>).flatMap(
    ([key, value]) => (['username', 'accessKey'].includes(key) ? [] : [value]),
  );
  const passwords: string[] = [];
  for (const version of await world.versionIds()) {
    const value = await world.worker().store.read(world.target.secret, version);
    const login = value && parseValue(value);
    if (!login) continue;
    const password = login.password.reveal();
    passwords.push(password, Buffer.from(`${login.username}:${password}`).toString('base64'));
  }
  return [...admin, ...passwords];
}

/** Everything that a log of this thing would show. */
const shown = (thing: unknown): string => {
  const parts = [
    inspect(thing, {
      depth: 30,
      showHidden: true,
      maxArrayLength: null,
      maxStringLength: null,
      getters: true,
    }),
  ];
  try {
    parts.push(JSON.stringify(thing) ?? '');
  } catch {
    // circular: inspect has shown it
  }
  if (thing instanceof Error)
    parts.push(thing.message, thing.stack ?? '', ...(thing.cause ? [shown(thing.cause)] : []));
  return parts.join('\n');
};

test.each(providersThat())(
  '%s: no secret is in a log, an error, an event, a label, a URL or on the screen',
  async (provider) => {
    const written: string[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    }
    const world = await createWorld(provider, {}, 'wire');
    const seen: unknown[] = [];
    const watch = async () => {
      const engine = { ...world.worker(), observe: (step: unknown) => void seen.push(step) };
      await world.run(engine).then(
        (outcome) => seen.push(outcome),
        (error: unknown) => seen.push(error),
      );
      seen.push(engine.admins, inspect(engine));
    };
    try {
      await watch();
      const echo: Fault = {
        status: 500,
        body: `{"token":${JSON.stringify(world.vendor.admin)}}`,
        carriedOut: true,
      };
      const faults: Fault[] = [
        echo,
        htmlPage(401),
        { status: 403, body: world.vendor.admin },
        { cut: 'after' },
        { truncate: true },
      ];
      for (const fault of faults) {
        await world.clock.sleep(HOUR);
        await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
        world.vendor.faults.next(/./, fault);
        await watch();
      }
      for (const operation of [
        'PutSecretValue',
        'GetSecretValue',
        'UpdateSecretVersionStage',
        'DescribeSecret',
      ]) {
        await world.clock.sleep(2 * DAY);
        await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
        world.aws.faults.next(`secretsmanager.${operation}`, {
          error: 'InternalServiceError',
          status: 500,
          carriedOut: true,
        });
        await watch();
        world.aws.faults.clear();
        await watch();
      }
      await world.clock.sleep(HOUR);
      await request(world.worker().store, world.clock, 'Credential Compromised', world.target);
      await watch();
      const print = (line: string) => void written.push(line);
      const context = cliContext(world, { print });
      await deployWorker(world);
      for (const args of [
        ['plan'],
        ['plan', '--json'],
        ['status'],
        ['status', '--json'],
        ['rotate', 'app', '--in-process'],
        ['rollback', 'app', '--in-process'],
        ['compromised', 'app'],
        ['rotate', 'app'],
        ['rollback', 'app'],
        ['rotate', 'nobody'],
      ]) {
        const wiring = {
          print,
          complain: print,
          readFleet: () => context.fleet,
          schema: () => '{}',
          connect: <T>(_: unknown, work: (c: Context) => Promise<T>) => work(context),
          version: '0',
        };
        await runCli(args, wiring);
      }
      const secrets = await secretsOf(world);
      expect(secrets.length).toBeGreaterThanOrEqual(4);
      const snapshot = await world.worker().store.describe(world.target.secret);
      const places: Record<string, string> = {
        'the screen': written.join('\n'),
        'steps, outcomes, errors and the engine': seen.map(shown).join('\n'),
        events: shown(world.published),
        'labels and names': shown(snapshot),
        'recorded AWS calls': shown(world.aws.calls.all()),
        URLs: world.vendor.requests.join('\n'),
        'what the vendor shows': shown(world.vendor.credentials()),
      };
      expect(places['steps, outcomes, errors and the engine']).toContain('RekeyError');
      for (const [place, text] of Object.entries(places)) {
        for (const secret of secrets)
          expect(text.includes(secret), `a secret in ${place}`).toBe(false);
      }
    } finally {
      await world.close();
    }
  },
);
