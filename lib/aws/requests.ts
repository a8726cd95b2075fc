import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { RekeyError } from '../core/errors.ts';
import type { InboundType } from '../core/events/index.ts';
import type { Target } from '../core/fleet/index.ts';
import type { Clock } from '../core/ports.ts';
import { caller, type Limits } from './calls.ts';
import { awsFailure } from './failure.ts';

/** Not `rekey`: that is the source of rekey's own events, which the bus policy denies to others. */
const SOURCE = 'rekey.cli';
/** Milliseconds. */
const retryAfter = [100, 400, 1600];

/**
 * Puts one request on a bus. Resolves when EventBridge has accepted it. That does not mean that it
 * is received: EventBridge drops an event for a bus that does not exist. A request that arrives
 * twice changes nothing. Throws `forbidden` if the caller may not publish, else `aws-failed`.
 */
export function requestPublisher(
  client: EventBridgeClient,
  bus: string,
  clock: Pick<Clock, 'sleep'>,
  limits: Limits = {},
): (type: InboundType, target: Target, correlationId: string) => Promise<void> {
  const call = caller(limits);

  /** Sends the request once. Returns the entry's error code; `undefined` if it was accepted. */
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
    // error codes are identifiers; any other text may come from a proxy, and is left out
    const code = /^[A-Za-z]{1,64}$/.test(failed) ? ` (${failed})` : '';
    if (refuses(failed))
      throw new RekeyError('forbidden', `the event bus ${bus} refuses the request${code}`);
    throw new RekeyError('aws-failed', `the event bus ${bus} did not accept the request${code}`);
  };
}

const refuses = (code: string): boolean => /^(NotAuthorized|AccessDenied)/.test(code);
