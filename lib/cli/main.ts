import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { awsAdvice } from '../aws/advice.ts';
import { printable } from '../core/printable.ts';
import { readFleetFile } from '../wiring/fleet-file.ts';
import { packageFolder } from '../wiring/installed.ts';
import { loadProviders } from '../wiring/load-providers.ts';
import { fleetFileSchema } from '../wiring/schemas.ts';
import { version } from '../wiring/version.ts';
import { connector, type Reached } from './connect.ts';
import type { DemoFlags, InitFlags } from './context.ts';
import { leakingDebug } from './node-debug.ts';
import { run, statuses, type Wiring } from './program.ts';

const readFleet: Wiring['readFleet'] = (file, providers) =>
  readFleetFile(file, loadProviders(providers));
const print = (line: string) => void process.stdout.write(`${line}\n`);
const complain = (line: string) => void process.stderr.write(`${line}\n`);

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // readline does not settle the question if the input ends
  const closed = once(terminal, 'close').then(() => '');
  try {
    return /^y(es)?$/i.test(
      (await Promise.race([terminal.question(`${question} [y/N] `), closed])).trim(),
    );
  } catch {
    // Ctrl-C
    return false;
  } finally {
    terminal.close();
  }
}

/** Loads the demonstration only when it is asked for. */
async function demo({ fleet, ...options }: DemoFlags): Promise<number> {
  const { demo: start } = await import('../sandbox/demo/run.ts');
  return start({ ...options, fleet: fleet ?? join(packageFolder, 'examples/fleet.yaml') });
}

/** Loads the code and its questions only when they are needed. */
async function init(flags: InitFlags): Promise<void> {
  const [{ init: write }, { askOnTerminal }] = await Promise.all([
    import('./init/run.ts'),
    import('./init/ask.ts'),
  ]);
  const ask = process.stdin.isTTY && process.stdout.isTTY ? askOnTerminal : undefined;
  await write(flags, { folder: '.', ask, print: (line) => print(printable(line)) });
}

/** Runs the CLI in this process. Returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  // warnings of Node and of the SDK are for developers, and may quote requests
  process.removeAllListeners('warning');
  for (const level of ['warn', 'info', 'debug'] as const) console[level] = () => {};

  // a reader such as `head` may have seen enough: a command finishes what it began
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.exitCode = statuses.failed;
  });

  const reached: Reached = {};
  const leaking = leakingDebug(process.env.NODE_DEBUG);
  if (leaking) {
    complain(`NODE_DEBUG=${printable(leaking)} makes Node print credentials; unset NODE_DEBUG`);
    return statuses.usage;
  }
  return await run(args, {
    print,
    complain,
    readFleet,
    schema: (providers) => fleetFileSchema(loadProviders(providers)),
    connect: connector(readFleet, reached, complain),
    advise: ({ cause }) => awsAdvice(cause, reached),
    demo,
    init,
    version,
    ...(process.stdin.isTTY && { confirm }),
  }).catch((error: unknown) => {
    // a bug in rekey: the stack may be printed, as plain text
    for (const line of String(error instanceof Error ? error.stack : error).split('\n'))
      complain(printable(line));
    return statuses.failed;
  });
}
