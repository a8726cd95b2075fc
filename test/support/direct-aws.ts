import { randomUUID } from 'node:crypto';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { EmbeddedAws } from '../../lib/sandbox/aws/index.ts';

/** As much of a command of the SDK as is read here: what is asked, and what was hung onto it. */
interface Command {
  readonly input: object;
  readonly middlewareStack: Stack;
}
interface Stack {
  clone(): Stack;
  add(middleware: unknown, options: object): void;
  resolve(
    handler: (args: { readonly input: object }) => Promise<{ readonly output: unknown }>,
    context: object,
  ): (args: { readonly input: object }) => Promise<{ readonly output: unknown }>;
}

/** Where the SDK makes up a token, so that a repeat is known as one. */
const withToken = new Set(['CreateSecret', 'PutSecretValue', 'RotateSecret', 'UpdateSecret']);

/**
 * Clients of an embedded AWS in this process, for tests that are not about the wire. A command's
 * input goes to the embedded AWS as JSON, and its answer comes back, without the SDK's
 * serializers, signatures and retries, which take longer than all the rest of a worker.
 * Middleware that was added to a command runs.
 */
export function directClients({ handle }: Pick<EmbeddedAws, 'handle'>) {
  const client = (prefix: string) => ({
    async send(command: Command, { abortSignal }: { readonly abortSignal?: AbortSignal } = {}) {
      const name = command.constructor.name.replace(/Command$/, '');
      const stack = command.middlewareStack.clone();
      // what a command adds stands behind the SDK's own middleware of this name
      stack.add((next: unknown) => next, { name: 'retryMiddleware', step: 'finalizeRequest' });
      const call = stack.resolve(async ({ input }) => {
        abortSignal?.throwIfAborted();
        return { output: await answered(handle, `${prefix}.${name}`, written(name, input)) };
      }, {});
      return (await call({ input: command.input })).output;
    },
    destroy() {},
  });
  return {
    secretsManager: client('secretsmanager') as unknown as SecretsManagerClient,
    eventBridge: client('AWSEvents') as unknown as EventBridgeClient,
  };
}

async function answered(handle: EmbeddedAws['handle'], target: string, text: string) {
  const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' };
  const { status, body } = await handle({ headers, body: text, origin: 'http://embedded' });
  const answer = JSON.parse(body, revived) as Readonly<Record<string, unknown>>;
  if (status === 200) return answer;
  const error = new Error(String(answer.Message ?? answer.message));
  throw Object.assign(error, {
    name: String(answer.__type),
    $metadata: { httpStatusCode: status },
  });
}

function written(name: string, input: object): string {
  const token = withToken.has(name) ? { ClientRequestToken: randomUUID() } : {};
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return JSON.stringify({ ...token, ...Object.fromEntries(given) }, onTheWire);
}

/** Dates are written by `toJSON` before this sees them, so it looks at what holds them. */
function onTheWire(this: unknown, key: string, value: unknown): unknown {
  const plain = (this as Readonly<Record<string, unknown>>)[key];
  if (plain instanceof Date) return plain.getTime() / 1000;
  return plain instanceof Uint8Array ? Buffer.from(plain).toString('base64') : value;
}

/** Times travel as seconds, bytes as base64. */
function revived(key: string, value: unknown): unknown {
  if (key.endsWith('Date') && typeof value === 'number') return new Date(value * 1000);
  return key === 'SecretBinary' ? new Uint8Array(Buffer.from(String(value), 'base64')) : value;
}
