import { expect, test } from 'vitest';
import { requestPublisher } from '../../lib/aws/requests.ts';
import { embeddedAws } from '../support/embedded-aws.ts';
import { aTarget } from '../support/snapshot.ts';

const put = 'events.PutEvents';

function setUp() {
  const { aws, eventBridge, clock } = embeddedAws();
  const publish = requestPublisher(eventBridge, 'default', clock);
  return { aws, clock, publish: () => publish('Credential Compromised', aTarget(), 'cli-1') };
}

test('a published request contains only the target and the correlation id', async () => {
  const { aws, publish } = setUp();
  await publish();
  const [event] = aws.events.recorded();
  expect(event).toMatchObject({
    source: 'rekey.cli',
    'detail-type': 'Credential Compromised',
    resources: [],
  });
  expect(event?.detail).toEqual({ target: 'app', correlationId: 'cli-1' });
});

test('a request whose entry failed is sent again, although PutEvents answered 200', async () => {
  const { aws, clock, publish } = setUp();
  const began = clock.now().getTime();
  aws.faults.next(put, { failedEntries: [0] });
  await publish();
  expect(aws.calls.count(put)).toBe(2);
  expect(clock.now().getTime() - began).toBe(100);
  expect(aws.events.recorded()).toHaveLength(1);
});

test('a request whose entry keeps failing throws aws-failed with EventBridge’s code', async () => {
  const { aws, publish } = setUp();
  aws.faults.next(put, { failedEntries: [0], code: 'ThrottlingException' }, 9);
  await expect(publish()).rejects.toMatchObject({
    code: 'aws-failed',
    message: 'the event bus default did not accept the request (ThrottlingException)',
  });
  expect(aws.calls.count(put)).toBe(4);
});

test('a request that the bus policy refuses throws forbidden, and is not sent again', async () => {
  const { aws, publish } = setUp();
  aws.faults.next(put, { failedEntries: [0], code: 'NotAuthorizedForDetailTypeException' });
  await expect(publish()).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('bus default'),
  });
  expect(aws.calls.count(put)).toBe(1);
});

test('a request without events:PutEvents throws forbidden with the right and the bus', async () => {
  const { aws, publish } = setUp();
  aws.faults.next(put, { error: 'AccessDeniedException' });
  await expect(publish()).rejects.toMatchObject({
    code: 'forbidden',
    message: 'not allowed: PutEvents to the event bus default',
  });
});
