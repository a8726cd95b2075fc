import {
  EventBridgeClient,
  EventBridgeServiceException,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { eventBridgeSink } from '../../lib/aws/event-sink.ts';
import type { RekeyEvent } from '../../lib/core/events/index.ts';
import { embeddedAws } from '../support/embedded-aws.ts';

const time = new Date('2030-01-01T12:00:00Z');

const anEvent = (n: number, text = '') =>
  ({
    source: 'rekey',
    detailType: 'Credential Rotated',
    time,
    resources: ['arn:app'],
    detail: { metadata: { id: `id-${n}` }, data: { text } },
  }) as unknown as RekeyEvent;

const many = (count: number, text?: string) =>
  Array.from({ length: count }, (_, n) => anEvent(n, text));
const put = 'events.PutEvents';

function setUp() {
  const { aws, eventBridge, clock } = embeddedAws();
  const ids = () =>
    aws.events.recorded().map(({ detail }) => (detail.metadata as { id: string }).id);
  return { aws, clock, ids, sink: eventBridgeSink(eventBridge, 'default', clock) };
}

test('the event sink delivers an event with all its fields', async () => {
  const { aws, sink } = setUp();
  await sink.publish(many(1));
  expect(aws.events.recorded()[0]).toMatchObject({
    source: 'rekey',
    'detail-type': 'Credential Rotated',
    time: '2030-01-01T12:00:00Z',
    resources: ['arn:app'],
    detail: { metadata: { id: 'id-0' }, data: {} },
  });
});

test('the event sink makes no call for no events', async () => {
  const { aws, sink } = setUp();
  await sink.publish([]);
  expect(aws.calls.count(put)).toBe(0);
});

test('the event sink sends 25 events in three calls, in order', async () => {
  const { aws, sink, ids } = setUp();
  await sink.publish(many(25));
  expect(aws.calls.count(put)).toBe(3);
  expect(ids()).toEqual(many(25).map(({ detail }) => detail.metadata.id));
});

test('the event sink splits large events over several calls', async () => {
  const { aws, sink, ids } = setUp();
  await sink.publish(many(4, 'x'.repeat(90_000)));
  expect(aws.calls.count(put)).toBe(2);
  expect(ids()).toHaveLength(4);
});

test('the event sink sends only failed entries again, after a pause', async () => {
  const { aws, sink, ids, clock } = setUp();
  aws.faults.next(put, { failedEntries: [1, 3] });
  aws.faults.next(put, { failedEntries: [0], code: 'ThrottlingException' });
  const before = clock.now().getTime();
  await sink.publish(many(5));
  expect(ids()).toEqual(['id-0', 'id-2', 'id-4', 'id-3', 'id-1']);
  expect(clock.now().getTime() - before).toBe(500);
});

test('the event sink throws events-failed for an entry that keeps failing, and stops', async () => {
  const { aws, sink, ids } = setUp();
  aws.faults.next(put, { failedEntries: [0] }, 1);
  aws.faults.next(put, { failedEntries: [0] }, 3);
  await expect(sink.publish(many(11))).rejects.toMatchObject({ code: 'events-failed' });
  expect([aws.calls.count(put), ids().length]).toEqual([4, 9]);
});

test('the event sink throws events-failed at once if a whole call fails', async () => {
  const { aws, sink } = setUp();
  aws.faults.next(put, { error: 'InternalException' });
  await expect(sink.publish(many(1))).rejects.toMatchObject({
    code: 'events-failed',
    retryable: true,
  });
  expect(aws.calls.count(put)).toBe(1);
});

test('the event sink throws events-failed, not forbidden, for a missing right', async () => {
  const client = new EventBridgeClient({ region: 'eu-central-1' });
  const error = new EventBridgeServiceException({
    name: 'AccessDeniedException',
    $fault: 'client',
    $metadata: {},
    message: 'no',
  });
  mockClient(client).on(PutEventsCommand).rejects(error);
  const sink = eventBridgeSink(client, 'mine', { sleep: async () => {} });
  await expect(sink.publish(many(1))).rejects.toMatchObject({
    code: 'events-failed',
    message: expect.stringContaining('mine'),
  });
});
