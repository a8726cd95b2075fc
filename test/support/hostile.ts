import { createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Identity } from './certificates.ts';

/**
 * A server's treatment of a connection from which it has read something. The returned function is
 * called again and again.
 */
export type Misdeed = (socket: Socket, reset: () => void) => (() => void) | undefined;

const DRIP = 5;
const text = (status: string, ...headers: readonly string[]) =>
  `HTTP/1.1 ${status}\r\n${headers.map((one) => `${one}\r\n`).join('')}`;

/** Misbehaviors of a server. Each is played to a client that must not wait forever. */
export const misdeeds: Readonly<Record<string, Misdeed>> = {
  'is silent': () => undefined,
  'switches protocols (101)': (socket) => {
    socket.write(`${text('101 Switching Protocols', 'connection: upgrade', 'upgrade: h2c')}\r\n`);
    return undefined;
  },
  'switches protocols, and closes': (socket) => {
    socket.end(
      `${text('101 Switching Protocols', 'connection: upgrade', 'upgrade: websocket')}\r\n`,
    );
    return undefined;
  },
  'sends its headers byte by byte': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx: ');
    return () => socket.write('x');
  },
  'sends its body byte by byte': (socket) => {
    socket.write(
      `${text('200 OK', 'content-length: 1000000', 'content-type: application/json')}\r\n`,
    );
    return () => socket.write(' ');
  },
  'sends a chunked body without an end': (socket) => {
    socket.write(`${text('200 OK', 'transfer-encoding: chunked')}\r\n`);
    return () => socket.write('1\r\n \r\n');
  },
  'answers "100 Continue" again and again': (socket) => () =>
    socket.write('HTTP/1.1 100 Continue\r\n\r\n'),
  'sends early hints (103) without an answer': (socket) => () =>
    socket.write(`${text('103 Early Hints', 'link: </a>')}\r\n`),
  'resets the connection': (_socket, reset) => {
    reset();
    return undefined;
  },
  'resets the connection in the middle of the body': (socket, reset) => {
    socket.write(`${text('200 OK', 'content-length: 100')}\r\n{`, reset);
    return undefined;
  },
  'closes its side without an answer': (socket) => {
    socket.end();
    return undefined;
  },
  'closes its side in the middle of the headers': (socket) => {
    socket.end('HTTP/1.1 200 OK\r\ncontent-le');
    return undefined;
  },
  'closes its side in the middle of the body': (socket) => {
    socket.end(`${text('200 OK', 'content-length: 100')}\r\n{`);
    return undefined;
  },
  'speaks another protocol': (socket) => {
    socket.write('SSH-2.0-OpenSSH_9.2\r\n');
    return undefined;
  },
};

export interface Hostile {
  readonly host: string;
  readonly port: number;
  /** First lines of the requests that arrived, one for each connection. */
  readonly requests: readonly string[];
}

/** A server on loopback that misbehaves. With an identity it uses TLS. */
export async function hostile(misdeed: Misdeed, identity?: Identity): Promise<Hostile> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer({ allowHalfOpen: true }, (plain) => {
    sockets.add(plain);
    plain.on('error', () => {});
    const socket = identity ? new TLSSocket(plain, { isServer: true, ...identity }) : plain;
    socket.on('error', () => {});
    socket.once('data', (data: Buffer) => {
      requests.push(data.toString('latin1').split('\r\n')[0] ?? '');
      const more = misdeed(socket, () => plain.resetAndDestroy());
      if (!more) return;
      const timer = setInterval(more, DRIP);
      timers.add(timer);
      socket.once('close', () => clearInterval(timer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const timer of timers) clearInterval(timer);
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { host: `127.0.0.1:${port}`, port, requests };
}
