import { RekeyError } from '../errors.ts';
import type { Http } from '../ports.ts';
import type { ProviderCall } from '../provider.ts';
import type { VendorCall } from './engine.ts';
import type { Run } from './run.ts';

/** What the provider's calls are given. Reads the admin secret, or remembers it. */
export async function providerCall({
  engine,
  target,
  provider,
  signal,
}: Pick<Run, 'engine' | 'target' | 'provider' | 'signal'>): Promise<
  ProviderCall<unknown, unknown>
> {
  const left =
    Number(engine.admins.restingUntil?.(target.admin) ?? 0) - engine.clock.now().getTime();
  if (left > 0)
    throw new RekeyError('throttled', `${provider.name} asked for fewer calls`, {
      retryAfter: left,
    });
  const admin = await engine.admins.get(target.admin, provider, signal);
  const other = engine.endpoints?.[provider.name];
  return {
    params: target.params,
    admin,
    endpoint: other?.api ?? provider.endpoint,
    registry: other?.registry ?? provider.registry,
    http: engine.called ? metered(engine.http, provider.name, engine.called) : engine.http,
    now: engine.clock.now,
    signal,
  };
}

function metered(http: Http, provider: string, called: (call: VendorCall) => void): Http {
  return {
    async send(request) {
      const started = performance.now();
      let status: number | undefined;
      try {
        const answer = await http.send(request);
        status = answer.status;
        return answer;
      } finally {
        called({ provider, took: performance.now() - started, status });
      }
    },
  };
}
