import type { HttpAnswer, HttpRequest } from '../../../lib/core/ports.ts';
import type { ProviderCall } from '../../../lib/core/provider.ts';

/** A provider's call whose requests are kept, and answered by a function. */
export function recorder(
  answer: (request: HttpRequest) => Partial<HttpAnswer> | Promise<Partial<HttpAnswer>>,
): { readonly call: ProviderCall<unknown, unknown>; readonly requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    requests.push(request);
    return {
      status: 200,
      headers: {},
      body: '',
      retryAfter: undefined,
      ...(await answer(request)),
    };
  };
  const call = {
    params: {},
    admin: {},
    endpoint: 'https://api.acme.test',
    registry: undefined,
    http: { send },
    now: () => new Date('2030-01-01T00:00:00Z'),
    signal: new AbortController().signal,
  };
  return { call, requests };
}
