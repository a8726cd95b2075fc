import { RekeyError } from '../errors.ts';
import type { Target } from '../fleet/index.ts';
import type { Http } from '../ports.ts';
import { addressOf, type ProviderCall } from '../provider.ts';
import type { Engine, VendorCall } from './engine.ts';
import type { Run } from './run.ts';

/**
 * The arguments of a call to a provider. Throws `throttled` while the account rests, and
 * `admin-missing` if its admin secret cannot be used.
 */
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
    throw new RekeyError('throttled', `${provider.name} throttles the calls of this account`, {
      retryAfter: left,
    });
  const admin = await engine.admins.get(target.admin, provider, signal);
  const { params } = target;
  const { endpoint, registry } = addressOf(provider, params, engine.endpoints?.[provider.name]);
  return {
    params,
    admin,
    endpoint,
    registry,
    http: engine.called ? metered(engine.http, provider.name, engine.called) : engine.http,
    now: engine.clock.now,
    signal,
  };
}

/** Hosts, other than the registry itself, that may issue tokens for the registry of a target. */
export function realmsOf(
  { providers, endpoints }: Pick<Engine, 'providers' | 'endpoints'>,
  { provider: name, params }: Pick<Target, 'provider' | 'params'>,
): readonly string[] {
  const provider = providers[name];
  return provider ? addressOf(provider, params, endpoints?.[name]).realms : [];
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
