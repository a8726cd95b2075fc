import type { Clock } from '../../core/ports.ts';
import type { Handle } from './wire.ts';

interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** A `requestHandler` for SDK clients: it answers requests in this process and opens no socket. */
export function sdkRequestHandler(handle: Handle, clock: Pick<Clock, 'now'>) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(
      { protocol, hostname, port, ...request }: SdkRequest,
      options: { abortSignal?: unknown } = {},
    ) {
      const { abortSignal } = options;
      if (abortSignal instanceof AbortSignal) abortSignal.throwIfAborted();
      const origin = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
      const answer = await handle({ headers: request.headers, body: textOf(request.body), origin });
      // every answer of AWS carries its time
      const headers = { ...answer.headers, date: clock.now().toUTCString() };
      return { response: { statusCode: answer.status, headers, body: Buffer.from(answer.body) } };
    },
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : '';
}
