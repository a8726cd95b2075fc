import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CrashPoint } from './effects.ts';
import { ROTATE } from './native.ts';
import type { Deed, Setup } from './setup.ts';
import type { Job } from './worker.ts';

const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));
const env = { ...process.env, NODE_COMPILE_CACHE: '.rekey/compile-cache' };

/**
 * Fills the compile cache with the worker once, because a killed process never writes its cache.
 */
export async function warmUp(): Promise<void> {
  await once(spawn(process.execPath, [worker], { stdio: 'ignore', env }), 'close');
}

/**
 * A new process performs the deed over HTTP and kills itself at that point. Throws if it ends in
 * any other way.
 */
export async function runAndKill(
  setup: Setup,
  deed: Deed | undefined,
  point: CrashPoint,
): Promise<void> {
  if (deed !== ROTATE) return spawnAndKill(setup, { deed }, point);
  await setup.native?.rotate((version) => spawnAndKill(setup, { version }, point));
}

async function spawnAndKill(
  { world, target, shown }: Setup,
  what: Pick<Job, 'deed' | 'version'>,
  point: CrashPoint,
): Promise<void> {
  const { url } = await world.aws.serve();
  const job: Job = {
    aws: url,
    endpoints: world.endpoints,
    target,
    now: world.clock.now().toISOString(),
    ...what,
    ...point,
  };
  const child = spawn(process.execPath, [worker, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  const written: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => written.push(data));
  const end = await new Promise<NodeJS.Signals | number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  const text = Buffer.concat(written).toString();
  shown.push(text);
  if (end !== 'SIGKILL')
    throw new Error(
      [
        `the worker was not killed at effect ${point.effect}, it ended with ${end}:`,
        `${text.slice(-500)}`,
      ].join(' '),
    );
}
