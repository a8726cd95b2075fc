import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { RekeyError } from '../core/errors.ts';
import type { InboundType } from '../core/events/index.ts';
import type { Target } from '../core/fleet/index.ts';
import type { Clock } from '../core/ports.ts';
import { caller, type Limits } from './calls.ts';
import { awsFailure } from './failure.ts';

/**
 * Never `rekey`: that is the source of what rekey announces, and a bus policy keeps requesters from
 * using it.
 */
const SOURCE = 'rekey.cli';
const retryAfter = [100, 400, 1600];

/**
 * Puts one request on a bus. Resolves when EventBridge has accepted it, which does not mean that
 * anybody receives it: EventBridge drops an event for a bus that does not exist. A request that
 * arrives twice changes nothing.
 */
export function requestPublisher(
  client: EventBridgeClient,
  bus: string,
  clock: Pick<Clock, 'sleep'>,
  limits: Limits = {},
): (type: InboundType, target: Target, correlationId: string) => Promise<void> {
  const call = caller(limits);

  /** The code of the entry's failure; `undefined` if it was accepted. */
  async function put(
    type: InboundType,
    target: Target,
    correlationId: string,
  ): Promise<string | undefined> {
    const Detail = JSON.stringify({ target: target.name, correlationId });
    const entry = { EventBusName: bus, Source: SOURCE, DetailType: type, Detail };
    try {
      const command = new PutEventsCommand({ Entries: [entry] });
      const { FailedEntryCount, Entries } = await call(undefined, (options) =>
        client.send(command, options),
      );
      return FailedEntryCount ? (Entries?.[0]?.ErrorCode ?? 'unknown') : undefined;
    } catch (error) {
      throw awsFailure(error, `PutEvents to the event bus ${bus}`, limits.signal);
    }
  }

  return async (type, target, correlationId) => {
    let failed = await put(type, target, correlationId);
    for (const delay of retryAfter) {
      if (!failed || refuses(failed)) break;
      await clock.sleep(delay, limits.signal);
      failed = await put(type, target, correlationId);
    }
    if (!failed) return;
    // codes are identifiers; anything else a proxy might have put there is left out
    const code = /^[A-Za-z]{1,64}$/.test(failed) ? ` (${failed})` : '';
    if (refuses(failed))
      throw new RekeyError('forbidden', `the event bus ${bus} refuses the request${code}`);
    throw new RekeyError('aws-failed', `the event bus ${bus} did not take the request${code}`);
  };
}

const refuses = (code: string): boolean => /^(NotAuthorized|AccessDenied)/.test(code);
