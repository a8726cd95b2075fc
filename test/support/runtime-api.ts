import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** The result of an invocation: the answer, or the reported error. */
export type Outcome = { readonly answer: unknown } | { readonly error: ReportedError };

export interface ReportedError {
  readonly errorType: string;
  readonly errorMessage: string;
}

export interface Invocation {
  /** Milliseconds until Lambda would end the function. @default 60,000 */
  readonly timeLeft?: number;
  readonly trace?: string;
}

/** Lambda's Runtime API for one process, on loopback. */
export interface RuntimeApi {
  /** Value of AWS_LAMBDA_RUNTIME_API. */
  readonly host: string;
  /**
   * Resolves when the process asks for its first event. Rejects if it reports that it could not
   * start.
   */
  readonly ready: Promise<void>;
  /** Hands an event to the process. Rejects if the process ends before it answers. */
  invoke(event: unknown, invocation?: Invocation): Promise<Outcome>;
  /** Rejects pending invocations, because the process has ended. */
  ended(reason: Error): void;
  close(): Promise<void>;
}

interface Waiting {
  readonly id: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly settle: PromiseWithResolvers<Outcome>;
}

/**
 * Starts the API for the function with this ARN. The function's clock is `shift` milliseconds
 * ahead.
 */
export async function startRuntimeApi(functionArn: string, shift = 0): Promise<RuntimeApi> {
  const ready = Promise.withResolvers<void>();
  // a caller that only invokes gets the error from `invoke`
  ready.promise.catch(() => {});
  const queue: Waiting[] = [];
  const running = new Map<string, Waiting>();
  let poll: ServerResponse | undefined;
  let end: Error | undefined;

  function handOut(): void {
    const next = poll && queue.shift();
    if (!poll || !next) return;
    running.set(next.id, next);
    poll.writeHead(200, next.headers).end(next.body);
    poll = undefined;
  }

  function settle(id: string, outcome: Outcome): number {
    const invocation = running.get(id);
    if (!invocation) return 400;
    running.delete(id);
    invocation.settle.resolve(outcome);
    return 202;
  }

  function failed(reason: Error): void {
    end = reason;
    ready.reject(reason);
    for (const { settle: waiting } of [...running.values(), ...queue.splice(0)])
      waiting.reject(reason);
    running.clear();
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, id = '', what = ''] =
      /^\/2018-06-01\/runtime\/(?:invocation|init)\/(?:([^/]+)\/)?(\w+)$/.exec(request.url ?? '') ??
      [];
    if (what === 'next') {
      poll = response;
      ready.resolve();
      return handOut();
    }
    const body = await text(request);
    const reply = (status: number) =>
      void response
        .writeHead(status, { 'content-type': 'application/json' })
        .end('{"status":"OK"}');
    if (what === 'response')
      return reply(settle(id, { answer: body === '' ? undefined : JSON.parse(body) }));
    if (what !== 'error') return reply(404);
    const error = JSON.parse(body) as ReportedError;
    if (id) return reply(settle(id, { error }));
    failed(new Error(`the function could not start: ${error.errorType}: ${error.errorMessage}`));
    return reply(202);
  }

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ready: ready.promise,
    invoke(
      event,
      { timeLeft = 600_000, trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0' } = {},
    ) {
      if (end) return Promise.reject(end);
      const id = randomUUID();
      const headers = {
        'content-type': 'application/json',
        'Lambda-Runtime-Aws-Request-Id': id,
        'Lambda-Runtime-Deadline-Ms': String(Date.now() + shift + timeLeft),
        'Lambda-Runtime-Trace-Id': trace,
        'Lambda-Runtime-Invoked-Function-Arn': functionArn,
      };
      const waiting = {
        id,
        body: JSON.stringify(event),
        headers,
        settle: Promise.withResolvers<Outcome>(),
      };
      queue.push(waiting);
      handOut();
      return waiting.settle.promise;
    },
    ended: failed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
