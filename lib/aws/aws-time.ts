import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../core/ports.ts';

/** The time by AWS's clock, according to its answers. */
export interface AwsTime {
  /** Corrected by the latest answer; the local time before the first one. */
  readonly clock: Clock;
  /**
   * How far the local clock is ahead of AWS's, in milliseconds; `undefined` before the first
   * answer.
   */
  skew(): number | undefined;
}

/**
 * Reads the `Date` header of every answer that the client gets. The SDK silently corrects the time
 * of its signatures by the same header, so a wrong local clock would otherwise go unnoticed.
 */
export function awsTime(client: SecretsManagerClient, local: Clock): AwsTime {
  let skew: number | undefined;
  const read = (response: unknown) => {
    const remote = Date.parse(dateOf(response) ?? '');
    if (!Number.isNaN(remote)) skew = local.now().getTime() - remote;
  };
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        const result = await next(args);
        read(result.response);
        return result;
      } catch (error) {
        read((error as { $response?: unknown } | undefined)?.$response);
        throw error;
      }
    },
    { step: 'deserialize', name: 'awsTime', priority: 'high' },
  );
  return {
    clock: { now: () => new Date(local.now().getTime() - (skew ?? 0)), sleep: local.sleep },
    skew: () => skew,
  };
}

function dateOf(response: unknown): string | undefined {
  const { headers } = (response ?? {}) as { readonly headers?: Readonly<Record<string, string>> };
  return headers?.date;
}
