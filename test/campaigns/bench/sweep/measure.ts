import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { bundling } from '../../../../lib/cdk/bundling.ts';
import { servePages } from './pages.ts';

/** One sweep of a fleet. */
export interface SweepFigures {
  readonly targets: number;
  readonly calls: Readonly<Record<string, number>>;
  /** ListSecrets returns 100 secrets a call, so the floor is a hundredth of the targets. */
  readonly floor: { readonly lists: number };
  /** Bytes of JSON that it read. */
  readonly bytes: number;
  readonly messages: number;
  /** Microseconds of CPU, user and system. */
  readonly cpuPerTarget: number;
  /** Bytes. */
  readonly peakMemory: number;
  /** Megabytes that V8 may use for old objects. */
  readonly heapLimit: number;
}

/**
 * Megabytes of each half of V8's space for young objects. Its default, 16, adds up to 48 MB of
 * memory.
 */
const YOUNG = 4;

/** Bundles the sweep like the function. Returns the file. */
export async function bundleSweep(folder: string): Promise<string> {
  const outfile = join(folder, 'sweep.mjs');
  await build({
    ...bundling,
    entryPoints: [join(import.meta.dirname, 'child.ts')],
    outfile,
    // as a deployed function is built
    define: { 'process.env.REKEY_BUNDLE': '"deployed"', esbuildDetection: '1' },
  });
  return outfile;
}

/** Sweeps a fleet of this size once, in a process with a limited heap. */
export async function measureSweep(
  bundle: string,
  targets: number,
  heapLimit: number,
): Promise<SweepFigures> {
  const pages = await servePages(targets);
  try {
    const { stderr } = await promisify(execFile)(
      process.execPath,
      [
        `--max-old-space-size=${heapLimit}`,
        `--max-semi-space-size=${YOUNG}`,
        bundle,
        String(targets),
        pages.endpoint,
      ],
      { env: {}, maxBuffer: 256 * 1024 * 1024 },
    );
    const result = JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
    if (result.seen !== targets) throw new Error(`the sweep saw ${result.seen} of ${targets}`);
    return {
      targets,
      calls: Object.fromEntries(pages.calls),
      floor: { lists: Math.ceil(targets / 100) },
      bytes: pages.bytes(),
      messages: result.messages,
      cpuPerTarget: result.cpu / targets,
      peakMemory: result.peak,
      heapLimit,
    };
  } finally {
    await pages.close();
  }
}
