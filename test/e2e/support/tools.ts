import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The programs of these tests, and their Debian packages. */
const packages = {
  aws: 'awscli',
  'docker-registry': 'docker-registry',
  htpasswd: 'apache2-utils',
  openssl: 'openssl',
  skopeo: 'skopeo',
} as const;

export type Tool = keyof typeof packages;

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The whole environment of a tool: Debian's own programs first, no proxy, no personal
 * configuration.
 */
export const environment = {
  PATH: `/usr/bin:/bin:/usr/sbin:${process.env.PATH ?? ''}`,
  LC_ALL: 'C.UTF-8',
};

export const missing = (tool: Tool): Error =>
  new Error(
    `${tool} is not installed: apt-get install -y --no-install-recommends ${packages[tool]}`,
  );

/**
 * Runs a tool until it ends. Pass secrets in `input` or a file, never as an argument: arguments
 * show in the process list.
 */
export function run(
  tool: Tool,
  args: readonly string[],
  {
    env = {},
    input = '',
  }: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      tool,
      args,
      { env: { ...environment, ...env }, timeout: 300_000 },
      (error, stdout, stderr) => {
        if (error?.code === 'ENOENT') return reject(missing(tool));
        if (error && typeof error.code !== 'number')
          return reject(new Error(`${tool} ${args[0]} did not end`));
        resolve({ status: Number(error?.code ?? 0), stdout, stderr });
      },
    );
    // a tool that does not exist, or ends early, does not read its input
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Runs a tool that is expected to succeed, and returns its output. */
export async function succeed(...call: Parameters<typeof run>): Promise<string> {
  const { status, stdout, stderr } = await run(...call);
  if (status !== 0)
    throw new Error(`${call[0]} ${call[1][0]} ended with ${status}: ${stderr.trim()}`);
  return stdout;
}

/** A temporary folder that the stack removes. */
export async function temporaryFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rekey-e2e-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
