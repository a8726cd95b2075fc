import { randomUUID } from 'node:crypto';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { EmbeddedAws } from '../../lib/sandbox/aws/index.ts';

/** The members of an SDK command that are read here: its input, and its added middleware. */
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

/** Operations for which the SDK generates a token, so that a repeat is recognized. */
const withToken = new Set(['CreateSecret', 'PutSecretValue', 'RotateSecret', 'UpdateSecret']);

/**
 * Clients of an embedded AWS in this process, for tests that are not about the wire. A command's
 * input goes to the embedded AWS as JSON, and its answer returns, without the SDK's serializers,
 * signatures and retries, which take longer than the rest of a worker. Middleware that was added to
 * a command runs. `token` makes the tokens that the SDK would add.
 */
export function directClients(
  { handle }: Pick<EmbeddedAws, 'handle'>,
  token: () => string = randomUUID,
) {
  const client = (prefix: string) => ({
    async send(command: Command, { abortSignal }: { readonly abortSignal?: AbortSignal } = {}) {
      const name = command.constructor.name.replace(/Command$/, '');
      const stack = command.middlewareStack.clone();
      // a command's own middleware comes after the SDK middleware with this name
      stack.add((next: unknown) => next, { name: 'retryMiddleware', step: 'finalizeRequest' });
      const call = stack.resolve(async ({ input }) => {
        abortSignal?.throwIfAborted();
        return { output: await answered(handle, `${prefix}.${name}`, written(name, input, token)) };
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

function written(name: string, input: object, token: () => string): string {
  const added = withToken.has(name) ? { ClientRequestToken: token() } : {};
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return JSON.stringify({ ...added, ...Object.fromEntries(given) }, onTheWire);
}

/**
 * `toJSON` has already converted a date to text here, so this reads the original from its holder.
 */
function onTheWire(this: unknown, key: string, value: unknown): unknown {
  const plain = (this as Readonly<Record<string, unknown>>)[key];
  if (plain instanceof Date) return plain.getTime() / 1000;
  return plain instanceof Uint8Array ? Buffer.from(plain).toString('base64') : value;
}

/** Reads times in seconds as dates, and base64 as bytes. */
function revived(key: string, value: unknown): unknown {
  if (key.endsWith('Date') && typeof value === 'number') return new Date(value * 1000);
  return key === 'SecretBinary' ? new Uint8Array(Buffer.from(String(value), 'base64')) : value;
}
