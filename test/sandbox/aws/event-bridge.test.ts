import {
  CreateEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DisableRuleCommand,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import type { Envelope } from '../../../lib/sandbox/aws/index.ts';
import { embeddedAws } from '../../support/embedded-aws.ts';

const entry = (change: PutEventsRequestEntry = {}): PutEventsRequestEntry => ({
  Source: 'rekey',
  DetailType: 'Credential Rotated',
  Detail: '{"target":"app"}',
  EventBusName: 'rekey',
  ...change,
});

const queueArn = (name: string) => `arn:aws:sqs:eu-central-1:000000000000:${name}`;
const contentBased = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };

async function setUp() {
  const world = embeddedAws();
  const { eventBridge: client } = world;
  await client.send(new CreateEventBusCommand({ Name: 'rekey' }));
  return {
    ...world,
    client,
    put: (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries })),
    async rule(EventPattern: string, ...Targets: Target[]) {
      await client.send(new PutRuleCommand({ Name: 'mine', EventBusName: 'rekey', EventPattern }));
      await client.send(new PutTargetsCommand({ Rule: 'mine', EventBusName: 'rekey', Targets }));
    },
  };
}

describe('PutEvents', () => {
  test('PutEvents accepts or refuses each entry individually', async () => {
    const { put, aws } = await setUp();
    const answer = await put(
      entry(),
      entry({ Detail: 'nonsense' }),
      entry({ Detail: '[]' }),
      entry({ Source: undefined }),
      entry({ Source: 'aws.s3' }),
      entry({ DetailType: 'Other' }),
    );
    expect(answer.FailedEntryCount).toBe(4);
    expect(answer.Entries?.map(({ EventId, ErrorCode }) => ErrorCode ?? typeof EventId)).toEqual([
      'string',
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
      'NotAuthorizedForSourceException',
      'string',
    ]);
    expect(aws.events.recorded('rekey').map((event) => event['detail-type'])).toEqual([
      'Credential Rotated',
      'Other',
    ]);
  });

  test('PutEvents accepts at most ten entries and one megabyte', async () => {
    const { put } = await setUp();
    const name = 'ValidationException';
    await expect(put(...Array<PutEventsRequestEntry>(11).fill(entry()))).rejects.toMatchObject({
      name,
    });
    const half = entry({ Detail: JSON.stringify({ text: 'x'.repeat(524_000) }) });
    await put(half, half);
    await expect(
      put(half, half, entry({ Detail: JSON.stringify({ text: 'x'.repeat(600) }) })),
    ).rejects.toMatchObject({ name });
  });

  test('PutEvents accepts an event for an unknown bus and drops it', async () => {
    const { put, aws } = await setUp();
    expect((await put(entry({ EventBusName: 'nope' }))).FailedEntryCount).toBe(0);
    expect(aws.events.recorded('nope')).toEqual([]);
  });
});

describe('an EventBridge rule', () => {
  test('delivers matching events to a function, in an envelope and in order', async () => {
    const { put, rule, aws } = await setUp();
    const seen: Envelope[] = [];
    aws.functions.register<Envelope>(
      'arn:aws:lambda:eu-central-1:000000000000:function:f',
      async (event) => seen.push(event),
    );
    await rule('{"detail":{"target":[{"prefix":"app"}]}}', {
      Id: 'f',
      Arn: 'arn:aws:lambda:eu-central-1:000000000000:function:f',
    });
    await put(
      entry({ Resources: ['arn:one'], Time: new Date('2030-01-01T12:00:00.000Z') }),
      entry({ Detail: '{"target":"other"}' }),
    );
    await put(entry({ Detail: '{"target":"app2"}' }));
    await aws.idle();
    expect(seen[0]).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Credential Rotated',
      source: 'rekey',
      account: '000000000000',
      time: '2030-01-01T12:00:00Z',
      region: 'eu-central-1',
      resources: ['arn:one'],
      detail: { target: 'app' },
    });
    expect(seen.map(({ detail }) => detail.target)).toEqual(['app', 'app2']);
  });

  test('delivers to a FIFO queue with the target’s message group', async () => {
    const { put, rule, aws, sqs } = await setUp();
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({ QueueName: 'q.fifo', Attributes: contentBased }),
    );
    const SqsParameters = { MessageGroupId: 'requests' };
    await rule('{"source":["rekey"]}', {
      Id: 'q',
      Arn: 'arn:aws:sqs:eu-central-1:000000000000:q.fifo',
      SqsParameters,
    });
    await put(entry());
    await aws.idle();
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['All'] }),
    );
    expect(Messages).toHaveLength(1);
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toEqual(aws.events.recorded('rekey')[0]);
    expect(Messages?.[0]?.Attributes?.MessageGroupId).toBe('requests');
  });

  test.each([
    [
      'a FIFO queue without content-based deduplication',
      'q.fifo',
      { SqsParameters: { MessageGroupId: 'g' } },
    ],
    ['a FIFO queue without a group', 'q.fifo', {}],
    ['a FIFO dead-letter queue', 'plain', { DeadLetterConfig: { Arn: queueArn('q.fifo') } }],
  ])('refuses %s', async (_what, name, change) => {
    const { rule, sqs } = await setUp();
    await sqs.send(
      new CreateQueueCommand({ QueueName: 'q.fifo', Attributes: { FifoQueue: 'true' } }),
    );
    await expect(
      rule('{"source":["rekey"]}', { Id: 'q', Arn: queueArn(name), ...change }),
    ).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test('delivers nothing to a FIFO queue without content-based deduplication', async () => {
    const { put, rule, aws, sqs } = await setUp();
    await rule('{"source":["rekey"]}', {
      Id: 'q',
      Arn: queueArn('q.fifo'),
      SqsParameters: { MessageGroupId: 'g' },
    });
    await sqs.send(
      new CreateQueueCommand({ QueueName: 'q.fifo', Attributes: { FifoQueue: 'true' } }),
    );
    await put(entry());
    await aws.idle();
    expect(aws.events.undelivered).toHaveLength(1);
  });

  test('can deliver a part of the event, or a fixed text', async () => {
    const { put, rule, aws } = await setUp();
    const seen: unknown[] = [];
    aws.functions.register('arn:f', async (event) => seen.push(event));
    await rule(
      '{"source":["rekey"]}',
      { Id: 'a', Arn: 'arn:f', InputPath: '$.detail.target' },
      { Id: 'b', Arn: 'arn:f', Input: '{"a":1}' },
    );
    await put(entry());
    await aws.idle();
    expect(seen).toEqual(['app', { a: 1 }]);
  });

  test('reports a delivery that failed for good', async () => {
    const { put, rule, aws } = await setUp();
    let failures = 0;
    aws.functions.register('arn:f', async () => {
      failures += 1;
      throw new Error('on purpose');
    });
    await rule(
      '{"source":["rekey"]}',
      { Id: 'f', Arn: 'arn:f' },
      { Id: 'q', Arn: 'arn:aws:sqs:eu-central-1:000000000000:none' },
    );
    await put(entry());
    await aws.idle();
    expect(failures).toBe(3);
    expect(aws.events.undelivered.map(({ target }) => target).sort()).toEqual(['f', 'q']);
  });

  describe('an EventBridge rule with a dead-letter queue', () => {
    async function withDeadLetters(target: Partial<Target>) {
      const world = await setUp();
      const { QueueUrl } = await world.sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
      const { QueueUrl: live } = await world.sqs.send(
        new CreateQueueCommand({ QueueName: 'live' }),
      );
      const DeadLetterConfig = { Arn: queueArn('dead') };
      await world.rule('{"source":["rekey"]}', {
        Id: 'q',
        Arn: queueArn('live'),
        DeadLetterConfig,
        ...target,
      });
      const received = async (url: string | undefined) => {
        const all = { MessageAttributeNames: ['All'], MaxNumberOfMessages: 10 };
        return (
          (await world.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, ...all }))).Messages ??
          []
        );
      };
      return { ...world, dead: () => received(QueueUrl), alive: () => received(live) };
    }

    test('sends an undeliverable event to its queue at once, with the reason', async () => {
      const { put, aws, dead } = await withDeadLetters({ Arn: queueArn('none') });
      await put(entry());
      await aws.idle();
      const [message] = await dead();
      expect(JSON.parse(message?.Body ?? '')).toEqual(aws.events.recorded('rekey')[0]);
      expect(message?.MessageAttributes).toMatchObject({
        RULE_ARN: { StringValue: 'arn:aws:events:eu-central-1:000000000000:rule/rekey/mine' },
        TARGET_ARN: { StringValue: queueArn('none') },
        ERROR_CODE: { StringValue: expect.stringMatching(/QueueDoesNotExist|NonExistentQueue/) },
      });
      expect(message?.MessageAttributes).not.toHaveProperty('EXHAUSTED_RETRY_CONDITION');
    });

    test('retries as its policy allows, then uses the dead-letter queue', async () => {
      const { put, aws, dead, alive } = await withDeadLetters({
        RetryPolicy: { MaximumRetryAttempts: 2 },
      });
      aws.faults.next('events.Deliver', { error: 'ThrottlingException' }, 2);
      await put(entry());
      await aws.idle();
      expect(await alive()).toHaveLength(1);
      aws.faults.next('events.Deliver', { error: 'ThrottlingException' }, 3);
      await put(entry());
      await aws.idle();
      expect(await alive()).toHaveLength(0);
      expect((await dead()).map(({ MessageAttributes }) => MessageAttributes)).toMatchObject([
        {
          EXHAUSTED_RETRY_CONDITION: { StringValue: 'MaximumRetryAttempts' },
          RETRY_ATTEMPTS: { StringValue: '2' },
        },
      ]);
    });

    test('leaves the failures of a function to Lambda', async () => {
      const { put, aws, dead } = await withDeadLetters({ Arn: 'arn:f' });
      aws.functions.register('arn:f', () => Promise.reject(new Error('on purpose')));
      await put(entry());
      await aws.idle();
      expect(aws.events.undelivered).toHaveLength(1);
      expect(await dead()).toEqual([]);
    });
  });

  test('delivers nothing if it is disabled or on another bus', async () => {
    const { put, rule, aws, client } = await setUp();
    const seen: unknown[] = [];
    aws.functions.register('arn:f', async (event) => seen.push(event));
    await rule('{"source":["rekey"]}', { Id: 'f', Arn: 'arn:f' });
    await put(entry({ EventBusName: 'default' }));
    await client.send(new DisableRuleCommand({ Name: 'mine', EventBusName: 'rekey' }));
    await put(entry());
    await aws.idle();
    expect(seen).toEqual([]);
  });

  test('is listed with its targets, and can be deleted once it has none', async () => {
    const { rule, client } = await setUp();
    await rule('{"source":["rekey"]}', { Id: 'f', Arn: 'arn:f' });
    const on = { EventBusName: 'rekey' };
    expect(
      (await client.send(new ListRulesCommand({ ...on, NamePrefix: 'mi' }))).Rules,
    ).toMatchObject([{ Name: 'mine', State: 'ENABLED' }]);
    expect(
      (await client.send(new ListTargetsByRuleCommand({ ...on, Rule: 'mine' }))).Targets,
    ).toEqual([{ Id: 'f', Arn: 'arn:f' }]);
    await expect(client.send(new DeleteRuleCommand({ ...on, Name: 'mine' }))).rejects.toMatchObject(
      {
        name: 'ValidationException',
      },
    );
    await client.send(new RemoveTargetsCommand({ ...on, Rule: 'mine', Ids: ['f'] }));
    await client.send(new DeleteRuleCommand({ ...on, Name: 'mine' }));
    expect((await client.send(new ListRulesCommand(on))).Rules).toEqual([]);
  });

  test('needs an existing bus and a valid pattern', async () => {
    const { client } = await setUp();
    const put = (EventBusName: string, EventPattern: string) =>
      client.send(new PutRuleCommand({ Name: 'x', EventBusName, EventPattern }));
    await expect(put('nope', '{"source":["a"]}')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(put('rekey', '{"source":"a"}')).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
    });
  });
});

test('the default bus always exists, and a bus name can be used once', async () => {
  const { client } = await setUp();
  expect(
    (await client.send(new ListEventBusesCommand({}))).EventBuses?.map(({ Name }) => Name),
  ).toEqual(['default', 'rekey']);
  expect((await client.send(new DescribeEventBusCommand({}))).Name).toBe('default');
  await expect(client.send(new DescribeEventBusCommand({ Name: 'nope' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await expect(client.send(new CreateEventBusCommand({ Name: 'rekey' }))).rejects.toMatchObject({
    name: 'ResourceAlreadyExistsException',
  });
});

test('TestEventPattern answers whether an event matches', async () => {
  const { client } = await setUp();
  const event = {
    id: '1',
    account: '1',
    source: 'rekey',
    time: '2030-01-01T00:00:00Z',
    region: 'r',
    resources: [],
    'detail-type': 't',
    detail: {},
  };
  const matches = async (EventPattern: string, change = {}) =>
    (
      await client.send(
        new TestEventPatternCommand({
          EventPattern,
          Event: JSON.stringify({ ...event, ...change }),
        }),
      )
    ).Result;
  expect([await matches('{"source":["rekey"]}'), await matches('{"source":["other"]}')]).toEqual([
    true,
    false,
  ]);
  await expect(matches('{"source":["rekey"]}', { id: undefined })).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test('a target that would transform the event is refused instead of served wrongly', async () => {
  const { rule } = await setUp();
  const target = { Id: 'f', Arn: 'arn:f', InputTransformer: { InputTemplate: '"x"' } };
  await expect(rule('{"source":["rekey"]}', target)).rejects.toMatchObject({
    message: expect.stringContaining('InputTransformer'),
  });
});
