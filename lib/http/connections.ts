import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { Agent } from 'undici';
import type { Guard } from './guard.ts';

/** Milliseconds that a connection may be idle, including while it is being established. */
const IDLE = 10_000;
/** Largest size of an answer's headers, in bytes. */
const MOST_HEADERS = 16 * 1024;

/** The connections of one HTTP client. */
export interface Connections {
  /** Connections that are kept for the next call. */
  kept(): Promise<Agent>;
  /**
   * A new connection for one call. The server may be closing a kept one, and then it is unknown
   * whether a create request arrived.
   */
  alone(): Promise<Agent>;
  /** Closes the kept connections. */
  close(): Promise<void>;
}

/**
 * Makes connections with undici. Each goes to an address that the guard has checked. Certificates
 * are always verified, even if NODE_TLS_REJECT_UNAUTHORIZED is 0. HTTP/2 is off, because undici
 * resends a refused stream on its own.
 */
export function connections(guard: Guard, ca: string | undefined): Connections {
  let context: SecureContext | undefined;
  // made at the first connection, because reading the root certificates takes a while
  const secureContext = () => {
    context ??= createSecureContext({
      minVersion: 'TLSv1.2',
      ...(ca !== undefined && { ca: [...getCACertificates('default'), ca] }),
    });
    return context;
  };
  const connect = (url: URL) => ({
    lookup: guard.lookupFor(url),
    timeout: IDLE,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2' as const,
    ...(url.protocol === 'https:' && { secureContext: secureContext() }),
  });
  const alone = async () => {
    // loaded at the first call: loading it takes longer than the rest of a worker
    const { Agent, Pool } = await import('undici');
    return new Agent({
      allowH2: false,
      useMilo: false,
      headersTimeout: IDLE,
      bodyTimeout: IDLE,
      maxHeaderSize: MOST_HEADERS,
      factory: (origin, options) =>
        new Pool(origin, { ...options, connect: connect(new URL(origin)) }),
    });
  };
  let kept: Promise<Agent> | undefined;
  return {
    kept() {
      kept ??= alone();
      return kept;
    },
    alone,
    close: async () => (await kept)?.destroy(),
  };
}
