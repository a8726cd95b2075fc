import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { RekeyError } from '../core/errors.ts';
import type { RekeyEvent } from '../core/events/index.ts';
import type { Clock, EventSink } from '../core/ports.ts';
import { caller, type Limits } from './calls.ts';
import { awsFailure } from './failure.ts';

const BATCH_ENTRIES = 10;
/** Bytes. Well below each of the documented limits of a request. */
const BATCH_BYTES = 200_000;
/** Milliseconds. */
const retryAfter = [100, 400, 1600];

/**
 * Publishes to an EventBridge bus. Sends failed entries again, and only those. Throws
 * `events-failed` if a call fails, or if entries still fail after three retries.
 */
export function eventBridgeSink(
  client: EventBridgeClient,
  busName: string,
  clock: Pick<Clock, 'sleep'>,
  limits: Limits = {},
): EventSink {
  const call = caller(limits);

  /** The entries that failed. */
  async function put(
    entries: readonly PutEventsRequestEntry[],
    signal?: AbortSignal,
  ): Promise<PutEventsRequestEntry[]> {
    try {
      const command = new PutEventsCommand({ Entries: [...entries] });
      const answer = await call(signal, (options) => client.send(command, options));
      // status 200 is not a success: each entry has its own result, in the order of the request
      if (!answer.FailedEntryCount) return [];
      return entries.filter((_, index) => !answer.Entries?.[index]?.EventId);
    } catch (error) {
      const failure = awsFailure(
        error,
        `PutEvents to the event bus ${busName}`,
        signal,
        limits.signal,
      );
      throw failure === error ? error : eventsFailed(failure);
    }
  }

  async function putAll(
    batch: readonly PutEventsRequestEntry[],
    signal?: AbortSignal,
  ): Promise<void> {
    let failed = await put(batch, signal);
    for (const delay of retryAfter) {
      if (failed.length === 0) return;
      await clock.sleep(delay, signal);
      failed = await put(failed, signal);
    }
    if (failed.length === 0) return;
    throw new RekeyError(
      'events-failed',
      `the event bus ${busName} did not accept ${failed.length} of ${batch.length} events`,
    );
  }

  return {
    async publish(events, signal) {
      for (const batch of batches(events.map((event) => entryOf(event, busName))))
        await putAll(batch, signal);
    },
  };
}

/**
 * Gives failures of the bus, including a missing permission, a code of their own: only the events
 * have to wait for the bus.
 */
const eventsFailed = (error: unknown): unknown =>
  error instanceof RekeyError
    ? new RekeyError('events-failed', error.message, { cause: error.cause })
    : error;

const entryOf = (
  { source, detailType, time, detail, resources }: RekeyEvent,
  busName: string,
): PutEventsRequestEntry => ({
  EventBusName: busName,
  Source: source,
  DetailType: detailType,
  Time: time,
  Detail: JSON.stringify(detail),
  Resources: [...resources],
});

function batches(entries: readonly PutEventsRequestEntry[]): PutEventsRequestEntry[][] {
  const all: PutEventsRequestEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(JSON.stringify(entry));
    const last = all.at(-1);
    if (last && last.length < BATCH_ENTRIES && size <= room) {
      last.push(entry);
      room -= size;
    } else {
      all.push([entry]);
      room = BATCH_BYTES - size;
    }
  }
  return all;
}
