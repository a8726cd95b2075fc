import * as z from 'zod';
import { type Account, now, randomId } from '../account.ts';
import { validation } from '../aws-error.ts';
import { operation } from '../operation.ts';
import { findBus, nameOfBus } from './buses.ts';
import { eventPattern } from './event-pattern.ts';
import { isObject } from './matchers.ts';

/** An event as its targets receive it. */
export interface Envelope {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Since January 2026; 256 KB before. */
const REQUEST_BYTES = 1_048_576;

const entry = z.object({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().min(1).max(1600).optional(),
  Resources: z.array(z.string().max(2048)).optional(),
  Time: z.number().optional(),
});

type Entry = z.infer<typeof entry>;

/**
 * Accepts events. Each entry succeeds or fails individually. `publish` is called for each event on
 * an existing bus.
 */
export const putEvents = (account: Account, publish: (bus: string, envelope: Envelope) => void) =>
  operation(z.object({ Entries: z.array(entry).min(1).max(10) }), ({ Entries }) => {
    if (Entries.reduce((sum, one) => sum + size(one), 0) >= REQUEST_BYTES) {
      throw validation('Total size of the entries in the request is over the limit.');
    }
    const results = Entries.map((one) => accept(account, one, publish));
    return {
      FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length,
      Entries: results,
    };
  });

/** The documented size: 14 bytes for the time, and the UTF-8 form of the rest. */
function size({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}

function accept(account: Account, one: Entry, publish: (bus: string, envelope: Envelope) => void) {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (!one[name]) {
      return {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      };
    }
  }
  if (one.Source?.startsWith('aws.')) {
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source.',
    };
  }
  const detail = parseDetail(one.Detail ?? '');
  if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const envelope: Envelope = {
    version: '0',
    id: randomId(account),
    'detail-type': one.DetailType ?? '',
    source: one.Source ?? '',
    account: account.id,
    time: new Date(one.Time === undefined ? now(account) : one.Time * 1000)
      .toISOString()
      .replace(/\.\d{3}Z$/, 'Z'),
    region: account.region,
    resources: one.Resources ?? [],
    detail,
  };
  // as at AWS, an event for a bus that does not exist is accepted and dropped
  if (findBus(account, one.EventBusName)) publish(nameOfBus(one.EventBusName), envelope);
  return { EventId: envelope.id };
}

function parseDetail(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const detail: unknown = JSON.parse(text);
    return isObject(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

const required = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

/**
 * TestEventPattern. Throws InvalidEventPatternException for a wrong pattern, and
 * ValidationException for an event without the members that EventBridge requires.
 */
export const testEventPattern = () =>
  operation(
    z.object({ EventPattern: z.string().max(4096), Event: z.string() }),
    ({ EventPattern, Event }) => {
      const matches = eventPattern(EventPattern);
      const event = parseDetail(Event);
      if (!event)
        throw validation('Parameter Event is not valid. Reason: it is not a JSON object.');
      const missing = required.find((name) => !Object.hasOwn(event, name));
      if (missing)
        throw validation(
          `Parameter Event is not valid. Reason: ${missing} is a required argument.`,
        );
      return { Result: matches(event) };
    },
  );
