import { type Account, randomId } from './account.ts';
import { AwsError } from './aws-error.ts';
import { isObject } from './events/matchers.ts';
import type { Operation } from './operation.ts';
import { formatError, formatResult, parseQuery } from './sqs/query.ts';

/** A request of the AWS wire protocol, with the address that the client used. */
export interface WireRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** For example `http://127.0.0.1:4566`. Queue URLs begin with it. */
  readonly origin: string;
}

interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Answers a request of the wire protocol, also if an operation throws an AwsError. Other errors,
 * such as ConnectionLost, reject.
 */
export type Handle = (request: WireRequest) => Promise<WireResponse>;

/** Finds an operation, such as `secretsmanager.PutSecretValue`; `undefined` if there is none. */
export type Find = (service: string, name: string, asked: Asked) => Operation | undefined;

interface Asked {
  readonly origin: string;
  /** The region in the request's signature. @default the region of the embedded AWS */
  readonly region?: string | undefined;
}

const services: Readonly<Record<string, string>> = {
  secretsmanager: 'secretsmanager',
  AWSEvents: 'events',
  AmazonSQS: 'sqs',
};

interface Request {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  readonly answer: (result: object, requestId: string) => WireResponse;
  readonly fail: (error: AwsError, requestId: string) => WireResponse;
}

/**
 * The wire protocols, separate from the operations: AWS JSON for all services, and the query
 * protocol for SQS.
 */
export function createHandle(
  account: Account,
  find: Find,
  run: (
    name: string,
    operation: Operation,
    input: unknown,
    accessKeyId: string | undefined,
  ) => Promise<object>,
): Handle {
  return async ({ headers, body, origin }) => {
    const requestId = randomId(account);
    const known = lowerCase(headers);
    const request = read(known, body);
    const [, caller, region] =
      /Credential=([^/]+)\/[^/]*\/([^/]+)\//.exec(known.authorization ?? '') ?? [];
    try {
      const { service, operation } = request;
      const found = find(service, operation, { origin, region });
      if (!found) throw unknown(service, operation);
      return request.answer(
        await run(`${service}.${operation}`, found, request.input, caller),
        requestId,
      );
    } catch (error) {
      if (error instanceof AwsError) return request.fail(error, requestId);
      throw error;
    }
  };
}

const unknown = (service: string, operation: string) =>
  new AwsError(
    'UnknownOperationException',
    `the embedded AWS does not know ${service || 'this service'} ${operation}`,
  );

const lowerCase = (headers: WireRequest['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value ?? '']),
  );

function read(headers: Record<string, string>, body: string): Request {
  const type = headers['content-type'] ?? '';
  return type.includes('x-www-form-urlencoded')
    ? readQuery(body)
    : readJson(headers['x-amz-target'] ?? '', type, body);
}

function readJson(target: string, type: string, body: string): Request {
  const [prefix = '', operation = ''] = target.split('.');
  const service = (Object.hasOwn(services, prefix) && services[prefix]) || '';
  const contentType = type.includes('json-1.0')
    ? 'application/x-amz-json-1.0'
    : 'application/x-amz-json-1.1';
  const respond = (
    status: number,
    json: object,
    requestId: string,
    more: Record<string, string> = {},
  ): WireResponse => ({
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId, ...more },
    body: JSON.stringify(json),
  });
  return {
    service,
    operation,
    get input() {
      return parseJson(body);
    },
    answer: (result, requestId) => respond(200, result, requestId),
    fail({ code, message, status, queryCode }, requestId) {
      // Secrets Manager capitalizes the member in its own errors: `Message`
      const key =
        service === 'secretsmanager' &&
        !['ValidationException', 'ThrottlingException'].includes(code)
          ? 'Message'
          : 'message';
      const more: Record<string, string> =
        service === 'sqs'
          ? { 'x-amzn-query-error': `${queryCode ?? code};${status < 500 ? 'Sender' : 'Receiver'}` }
          : {};
      return respond(status, { __type: code, [key]: message }, requestId, more);
    },
  };
}

function parseJson(body: string): unknown {
  try {
    const input: unknown = JSON.parse(body === '' ? '{}' : body);
    if (isObject(input)) return input;
  } catch {
    // falls through: the message must not quote the body
  }
  throw new AwsError('SerializationException', 'the body of the request is not a JSON object');
}

function readQuery(body: string): Request {
  const { operation, input } = parseQuery(body);
  const respond = (status: number, xml: string, requestId: string): WireResponse => ({
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: xml,
  });
  return {
    service: 'sqs',
    operation,
    input,
    answer: (result, requestId) =>
      respond(200, formatResult(operation, result, requestId), requestId),
    fail: (error, requestId) => respond(error.status, formatError(error, requestId), requestId),
  };
}
