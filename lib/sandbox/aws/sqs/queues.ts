import { AwsError } from '../aws-error.ts';
import { isObject } from '../events/matchers.ts';
import type { Operation } from '../operation.ts';
import type { State } from '../state.ts';

/** SQS: a queue emulator that runs in this process, behind no socket of its own. */
export interface Queues {
  /** The operation of this name; queue URLs in its answer begin with `origin`. */
  operation(name: string, origin: string): Operation;
  /**
   * As EventBridge sends: without a deduplication id, so that a FIFO queue has to make it from the
   * content.
   */
  send(queueArn: string, message: QueueMessage): Promise<void>;
  close(): Promise<void>;
}

export interface QueueMessage {
  readonly body: string;
  readonly groupId?: string | undefined;
  /** Attributes that are text. */
  readonly attributes?: Readonly<Record<string, string>>;
}

const account = '000000000000';

const nameOf = (urlOrArn: string) => urlOrArn.split(/[/:]/).at(-1) ?? '';

export function createQueues(state: State, region: string): Queues {
  // the emulator knows a queue by its whole URL, a client by whichever address it reached us under
  const inside = `http://sqs.${region}.localhost`;
  const urlOf = (name: string) => `${inside}/${account}/${name}`;
  let started: ReturnType<typeof start> | undefined;

  // loading it takes longer than all the rest together, so that is left until somebody wants a
  // queue
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

/** Queues are there again after a restart, their messages are not. */
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
