import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { Agent } from 'undici';
import type { Guard } from './guard.ts';

/** How long nothing may happen on a connection, its making included, in milliseconds. */
const IDLE = 10_000;
/** Bytes of an answer's head. */
const MOST_HEADERS = 16 * 1024;

export interface Connections {
  /** Connections that are kept for the next call. */
  kept(): Promise<Agent>;
  /**
   * A connection for one call. A kept one may be closing just now, and nobody would know whether a
   * create had arrived.
   */
  alone(): Promise<Agent>;
  /** Ends those that are kept. */
  close(): Promise<void>;
}

/**
 * undici's connections. Each goes to an address that the guard has checked. A certificate is always
 * verified, whatever NODE_TLS_REJECT_UNAUTHORIZED says. HTTP/2 is off: undici sends streams again
 * by itself when a server turns them away.
 */
export function connections(guard: Guard, ca: string | undefined): Connections {
  let context: SecureContext | undefined;
  // made at the first connection: to read the roots takes a while
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
    // with the first call: it takes longer to load than all the rest of a worker
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
