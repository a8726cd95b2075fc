import { AwsError } from '../aws-error.ts';
import { isObject } from '../events/matchers.ts';
import type { Operation } from '../operation.ts';
import type { State } from '../state.ts';

/** SQS: a queue emulator in this process, without a socket. */
export interface Queues {
  /** The operation with this name. Queue URLs in its answer begin with `origin`. */
  operation(name: string, origin: string): Operation;
  /**
   * Sends as EventBridge does, without a deduplication id: a FIFO queue has to derive it from the
   * content.
   */
  send(queueArn: string, message: QueueMessage): Promise<void>;
  close(): Promise<void>;
}

/** A message to a queue. A FIFO queue requires the group. */
export interface QueueMessage {
  readonly body: string;
  readonly groupId?: string | undefined;
  /** Text attributes. */
  readonly attributes?: Readonly<Record<string, string>>;
}

const account = '000000000000';

const nameOf = (urlOrArn: string) => urlOrArn.split(/[/:]/).at(-1) ?? '';

/**
 * Queues of one region. Loads the emulator (fauxqs) on first use and creates the queues of `state`.
 */
export function createQueues(state: State, region: string): Queues {
  // the emulator identifies a queue by its whole URL; clients use the address they connected to
  const inside = `http://sqs.${region}.localhost`;
  const urlOf = (name: string) => `${inside}/${account}/${name}`;
  let started: ReturnType<typeof start> | undefined;

  // started on first use: loading the emulator takes longer than everything else together
  async function start() {
    const { buildApp } = await import('fauxqs');
    const app = buildApp({ logger: false, defaultRegion: region });
    for (const { name, attributes } of state.queues)
      await post(app, 'CreateQueue', { QueueName: name, Attributes: attributes });
    return app;
  }

  async function request(name: string, input: object): Promise<object> {
    started ??= start();
    const answer = await post(await started, name, input);
    remember(state, name, input);
    return answer;
  }

  return {
    operation: (name, origin) => async (input) => {
      const known = isObject(input) ? input : {};
      const url = typeof known.QueueUrl === 'string' && { QueueUrl: urlOf(nameOf(known.QueueUrl)) };
      return readdressed(await request(name, { ...known, ...url }), inside, origin);
    },
    async send(queueArn, { body, groupId, attributes = {} }) {
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [
          name,
          { DataType: 'String', StringValue },
        ]),
      );
      const fifo = queueArn.endsWith('.fifo') && { MessageGroupId: groupId };
      await request('SendMessage', {
        QueueUrl: urlOf(nameOf(queueArn)),
        MessageBody: body,
        MessageAttributes,
        ...fifo,
      });
    },
    async close() {
      const app = await started;
      await app?.close();
    },
  };
}

interface Injectable {
  inject(request: {
    method: 'POST';
    url: string;
    headers: Record<string, string>;
    payload: string;
  }): PromiseLike<{
    statusCode: number;
    headers: Record<string, unknown>;
    body: string;
  }>;
}

async function post(app: Injectable, name: string, input: object): Promise<object> {
  const headers = {
    host: 'queue',
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `AmazonSQS.${name}`,
  };
  const answer = await app.inject({
    method: 'POST',
    url: '/',
    headers,
    payload: JSON.stringify(input),
  });
  const parsed: unknown = answer.body === '' ? {} : JSON.parse(answer.body);
  const body = isObject(parsed) ? parsed : {};
  if (answer.statusCode === 200) return body;
  const code =
    String(body.__type ?? 'InternalFailure')
      .split('#')
      .at(-1) ?? '';
  const queryCode = String(answer.headers['x-amzn-query-error'] ?? code).split(';')[0];
  throw new AwsError(code, String(body.message ?? ''), answer.statusCode, queryCode);
}

/** Queues survive a restart; their messages do not. */
function remember(state: State, name: string, input: object): void {
  const { QueueName, QueueUrl, Attributes } = input as {
    QueueName?: string;
    QueueUrl?: string;
    Attributes?: Record<string, string>;
  };
  const queue = QueueName ?? nameOf(QueueUrl ?? '');
  const existing = state.queues.find((one) => one.name === queue);
  if (name === 'CreateQueue' && !existing)
    state.queues.push({ name: queue, attributes: Attributes ?? {} });
  if (name === 'SetQueueAttributes' && existing) Object.assign(existing.attributes, Attributes);
  if (name === 'DeleteQueue') state.queues = state.queues.filter((one) => one !== existing);
}

function readdressed(answer: object, inside: string, origin: string): object {
  const { QueueUrl, QueueUrls } = answer as { QueueUrl?: string; QueueUrls?: string[] };
  const rewritten = (url: string) => url.replace(inside, origin);
  return {
    ...answer,
    ...(QueueUrl !== undefined && { QueueUrl: rewritten(QueueUrl) }),
    ...(QueueUrls !== undefined && { QueueUrls: QueueUrls.map(rewritten) }),
  };
}
