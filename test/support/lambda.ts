import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Invocation, type Outcome, startRuntimeApi } from './runtime-api.ts';

export interface LambdaOptions {
  readonly name: string;
  /** Folder with the unpacked bundle. */
  readonly bundle: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds by which the process's clock is ahead of ours. @default 0 */
  readonly shift?: number;
  /** The client of the Runtime API. @default our own bootstrap */
  readonly runtime?: readonly [file: string, ...args: string[]];
}

/** A bundle in its own process, as Lambda runs it. */
export interface Lambda {
  readonly arn: string;
  /** Resolves when the process asks for its first event. */
  readonly ready: Promise<void>;
  invoke(event: unknown, invocation?: Invocation): Promise<Outcome>;
  /** Invokes the function. Throws an error that the function reports. */
  answer(event: unknown, invocation?: Invocation): Promise<unknown>;
  /** All output on stdout and stderr. */
  output(): string;
  /** Kills the process in the middle of its work, like a crash of the machine. */
  kill(): Promise<void>;
}

export const REGION = 'eu-central-1';
export const ACCOUNT = '000000000000';

const beside = (file: string) => join(import.meta.dirname, file);
const ownRuntime = [
  process.execPath,
  '--import',
  beside('shifted-clock.mjs'),
  beside('bootstrap.mjs'),
] as const;

/** Starts a bundle in a new process with an environment of its own. */
export async function startLambda(options: LambdaOptions): Promise<Lambda> {
  const { name, bundle, environment = {}, shift = 0, runtime = ownRuntime } = options;
  const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
  const api = await startRuntimeApi(arn, shift);
  const [file, ...args] = runtime;
  const child = spawn(file, args, {
    cwd: bundle,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...managed(name),
      LAMBDA_TASK_ROOT: bundle,
      AWS_LAMBDA_RUNTIME_API: api.host,
      REKEY_TEST_SHIFT: String(shift),
      ...environment,
    },
  });
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => written.push(text));
  const output = () => written.join('');
  child.on('error', (error) => api.ended(error));
  // not `exit`: the last output may arrive after it
  const closed = once(child, 'close').then(([code, signal]) =>
    api.ended(
      new Error(`${name} ended with ${signal ?? code}; it wrote: ${output().slice(-2000)}`),
    ),
  );
  closed.catch(() => {});
  const invoke = api.invoke;
  return {
    arn,
    ready: api.ready,
    invoke,
    async answer(event, invocation) {
      const outcome = await invoke(event, invocation);
      if ('answer' in outcome) return outcome.answer;
      throw new Error(`${name} failed: ${outcome.error.errorType}: ${outcome.error.errorMessage}`);
    },
    output,
    async kill() {
      child.kill('SIGKILL');
      await closed.catch(() => {});
      await api.close();
    },
  };
}

/**
 * Kills the process in the middle of an invocation, as soon as the condition is true. Checks it
 * between any two events of this process.
 */
export async function killWhen(
  lambda: Lambda,
  event: unknown,
  moment: () => boolean,
): Promise<void> {
  let over = false;
  const end = lambda
    .invoke(event)
    .then(
      () => 'it finished before',
      (error: Error) => error.message,
    )
    .finally(() => {
      over = true;
    });
  while (!moment()) {
    if (over) throw new Error(`the condition did not become true; it wrote: ${lambda.output()}`);
    await setImmediate();
  }
  await lambda.kill();
  const reason = await end;
  if (!reason.includes('SIGKILL')) throw new Error(`it was not killed during its work: ${reason}`);
}

/** The environment variables that Lambda itself sets. */
const managed = (name: string): Record<string, string> => ({
  _HANDLER: 'index.handler',
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: '2030/01/01/[$LATEST]00000000000000000000000000000000',
  AWS_ACCESS_KEY_ID: name,
  AWS_SECRET_ACCESS_KEY: `secret-access-key-of-${name}`,
  AWS_SESSION_TOKEN: `session-token-of-${name}`,
  LANG: 'en_US.UTF-8',
  PATH: '/usr/local/bin:/usr/bin:/bin',
  TZ: ':UTC',
});
