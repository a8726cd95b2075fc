import { onTestFinished } from 'vitest';
import { manualClock } from '../../../lib/kit/testing/index.ts';
import type { SimulatedVendor, VendorOptions } from '../../../lib/sandbox/vendors/index.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body, or its text if it is not JSON. */
  readonly body: unknown;
}

/** Starts a simulated vendor for one test, with a plain HTTP client. */
export async function openVendor<Vendor extends SimulatedVendor>(
  create: (options: VendorOptions) => Vendor,
  authorization: string,
  tokenPath = '/v2/auth',
) {
  const clock = manualClock();
  const vendor = create({ clock });
  const { endpoint, registry, close } = await vendor.start();
  onTestFinished(close);

  async function ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const init =
      body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    return read(
      await fetch(`${endpoint}${path}`, {
        method,
        headers: { authorization, ...headers },
        ...init,
      }),
    );
  }
  /** Status of the registry's token server for a login. */
  async function login(username: string, password: string): Promise<number> {
    const basic = Buffer.from(`${username}:${password}`).toString('base64');
    return (
      await fetch(`http://${registry}${tokenPath}`, {
        headers: { authorization: `Basic ${basic}` },
      })
    ).status;
  }
  return { vendor, clock, endpoint, registry, ask, login };
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    headers: response.headers,
    body: json ? JSON.parse(text) : text,
  };
}
