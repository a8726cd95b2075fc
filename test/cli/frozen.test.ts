import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../lib/cli/commands.ts';
import { doctor } from '../../lib/cli/doctor.ts';
import { plan } from '../../lib/cli/plan.ts';
import { statuses } from '../../lib/cli/program.ts';
import { status } from '../../lib/cli/status.ts';
import { view } from '../../lib/cli/view.ts';
import { cliContext } from '../support/cli.ts';
import { some } from '../support/providers.ts';
import { shapeOf } from '../support/shape.ts';
import { createWorld, type World } from '../support/world.ts';

/*
 * Scripts depend on these. New lines are fine: `npx vitest run test/cli/frozen.test.ts -u` adds
 * them, and a review sees if a line is lost.
 */
const file = (name: string): string => `../fixtures/names/${name}.txt`;
const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;

test('the exit statuses of rekey are frozen', () => {
  expect(statuses).toEqual({ done: 0, failed: 1, usage: 2, waiting: 3 });
});

test('the commands, arguments and options of rekey are frozen', async () => {
  const unused = () => {
    throw new Error('the parser was called');
  };
  const program = commands({
    version: '1.2.3',
    readFleet: unused,
    schema: unused,
    print: unused,
    confirm: unused,
    connected: unused,
    output: {},
    end: unused,
  });
  const usage = (command: Command, name: string): string[] => [
    ...command.registeredArguments.map((argument) => {
      const text = argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
      return `${name} ${text}`;
    }),
    ...command.options.map(({ flags }) => `${name} ${flags}`),
    ...command.commands.flatMap((one) => [
      `${name} ${one.name()}`,
      ...usage(one, `${name} ${one.name()}`),
    ]),
  ];
  await expect(lines(usage(program, 'rekey').sort())).toMatchFileSnapshot(file('commands'));
});

describe('the JSON of rekey', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(some.disabling);
  });
  afterAll(() => world.close());

  /** The JSON that a command prints. */
  async function printed(work: (context: ReturnType<typeof cliContext>) => Promise<unknown>) {
    const out: string[] = [];
    await work(cliContext(world, { print: (line) => void out.push(line) }));
    return JSON.parse(out.join('\n')) as Readonly<Record<string, unknown>>;
  }

  /** A target in each state that its labels can be in. */
  function everyState(): readonly unknown[] {
    const folder = 'test/fixtures/ledger/1';
    const snapshots = readdirSync(folder).map((name) => {
      const { versions } = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
      return { arn: 'arn:test', name: 'rekey/acme/app', versions };
    });
    const now = new Date('2026-01-15T09:31:00Z');
    const views = [undefined, ...snapshots].map((one) => view(world.target, one, now));
    return JSON.parse(JSON.stringify(views)) as unknown[];
  }

  test('the JSON of rekey plan is frozen', async () => {
    const json = await printed((context) => plan(context, { json: true }));
    const shape = shapeOf({ ...json, targets: everyState(), removed: ['rekey/acme/old'] });
    expect(Object.keys(json).sort()).toEqual(['at', 'fleet', 'removed', 'targets']);
    await expect(lines(shape)).toMatchFileSnapshot(file('json-plan'));
  });

  test('the JSON of rekey status is frozen', async () => {
    const json = await printed((context) => status(context, { json: true }));
    const shape = shapeOf({ ...json, targets: everyState() });
    expect(Object.keys(json).sort()).toEqual(['at', 'fleet', 'targets']);
    await expect(lines(shape)).toMatchFileSnapshot(file('json-status'));
  });

  test('the JSON of rekey doctor is frozen', async () => {
    const shape = shapeOf(await printed((context) => doctor(context, { json: true })));
    await expect(lines(shape)).toMatchFileSnapshot(file('json-doctor'));
  });

  test('a lost field and another type change the shape, and another value does not', () => {
    const before = shapeOf({ a: [{ b: 1, c: 'x' }, { b: 2 }], d: null });
    expect(before).toEqual(['a: array', 'a[].b: number', 'a[].c?: string', 'd: null']);
    expect(shapeOf({ a: [{ b: 3, c: 'y' }, { b: 4 }], d: null })).toEqual(before);
    expect(shapeOf({ a: [{ b: '3' }], d: null })).toEqual(['a: array', 'a[].b: string', 'd: null']);
  });
});
