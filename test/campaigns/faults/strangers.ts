import { createServer } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { authority } from '../../support/certificates.ts';
import type { Strangers } from './kinds.ts';

/** The running servers that must receive no request. */
export interface RunningStrangers extends Strangers {
  /** Number of requests that arrived. */
  readonly count: number;
  close(): void;
}

export async function startStrangers(): Promise<RunningStrangers> {
  let count = 0;
  const plain = createServer((_request, response) => {
    count += 1;
    response.end();
  });
  const secure = createSecure(authority().issue(), (_request, response) => {
    count += 1;
    response.end();
  });
  const [elsewhere, untrusted] = [await hostOf(plain), await hostOf(secure)];
  return {
    elsewhere: `http://${elsewhere}/v2/`,
    untrusted,
    get count() {
      return count;
    },
    close() {
      plain.close();
      secure.close();
    },
  };
}

async function hostOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
