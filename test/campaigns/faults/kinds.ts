import { DAY } from '../../../lib/core/time.ts';
import type { Fault as AwsFault } from '../../../lib/sandbox/aws/faults.ts';
import { type Fault, htmlPage } from '../../../lib/sandbox/faults.ts';

/** A fault of one HTTP call. It affects all attempts unless `attempts` gives a number. */
export interface HttpKind {
  readonly name: string;
  /** The server's behavior. */
  readonly fault?: Fault;
  /** The URL that is called instead, with another scheme or host. */
  readonly url?: (url: string) => string;
  readonly attempts?: number;
  /** The call has a short deadline. */
  readonly hasty?: true;
}

const json = (
  status: number,
  headers: Readonly<Record<string, string>> = {},
  carriedOut = false,
): Fault => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: '{"message":"no"}',
  carriedOut,
});

const HUGE = `{"filler":"${'x'.repeat(50_000_000)}"}`;

/**
 * The same answer without its n-th field. If the top level holds a single object or list, the field
 * is in there.
 */
const without =
  (index: number) =>
  (body: string): string => {
    try {
      const value: unknown = JSON.parse(body);
      return JSON.stringify(dropped(value, index));
    } catch {
      return body;
    }
  };

function dropped(value: unknown, index: number): unknown {
  if (Array.isArray(value)) return value.map((item) => dropped(item, index));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value);
  const [only] = fields;
  if (fields.length === 1 && only && typeof only[1] === 'object' && index > 0)
    return { [only[0]]: dropped(only[1], index - 1) };
  return Object.fromEntries(fields.filter((_, at) => at !== index));
}

/**
 * The same answer with every date and time moved by this much, as if the vendor's clock were ahead.
 */
const shifted =
  (ms: number) =>
  (body: string): string =>
    body
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (time) =>
        new Date(Date.parse(time) + ms).toISOString(),
      )
      .replace(/(?<=[:,[] ?)1[789]\d{8}(?=[,\]}])/g, (seconds) =>
        String(Number(seconds) + ms / 1000),
      );

const host = (name: string) => (url: string) => url.replace(/\/\/[^/]+/, `//${name}`);

/** Names that the client of a case resolves itself. */
export const NOWHERE = 'nowhere.invalid';
export const INSIDE = 'inside.invalid';

/**
 * Servers that must receive no request: the target of the redirects, and one with an untrusted
 * authority.
 */
export interface Strangers {
  readonly elsewhere: string;
  /** Host and port. */
  readonly untrusted: string;
}

export const httpKinds = ({ elsewhere, untrusted }: Strangers): readonly HttpKind[] => [
  ...[400, 401, 403, 404, 409, 500, 502, 503].map((status) => ({
    name: `${status}`,
    fault: json(status),
  })),
  ...[500, 502, 503].map((status) => ({
    name: `${status} after the work`,
    fault: json(status, {}, true),
  })),
  { name: '503 once', fault: json(503), attempts: 1 },
  { name: '429', fault: json(429) },
  { name: '429 once, with Retry-After', fault: json(429, { 'retry-after': '3' }), attempts: 1 },
  { name: '429 with Retry-After', fault: json(429, { 'retry-after': '7200' }) },
  { name: '429 as a page', fault: htmlPage(429) },
  { name: '403 as a page', fault: htmlPage(403) },
  { name: '200 as a page', fault: htmlPage(200) },
  {
    name: '200 as text',
    fault: { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' },
  },
  { name: '200 without anything', fault: { status: 200 } },
  { name: 'no answer', fault: { hang: true }, hasty: true },
  { name: 'a slow body', fault: { slow: true }, hasty: true },
  { name: 'a connection reset before the work', fault: { cut: 'before' } },
  { name: 'a connection reset after the work', fault: { cut: 'after' } },
  { name: 'a connection reset once', fault: { cut: 'before' }, attempts: 1 },
  { name: 'half a body', fault: { truncate: true } },
  { name: 'half a body, and its side closed', fault: { halfClose: true } },
  { name: '101', fault: { upgrade: true } },
  { name: 'a body byte by byte', fault: { drip: true }, hasty: true },
  { name: 'times of a clock a day ahead', fault: { altered: shifted(DAY) } },
  { name: 'times of a clock a day behind', fault: { altered: shifted(-DAY) } },
  { name: 'half a JSON', fault: { altered: (body) => body.slice(0, body.length >> 1) } },
  {
    name: '50 MB',
    fault: { status: 200, headers: { 'content-type': 'application/json' }, body: HUGE },
  },
  ...[0, 1, 2, 3, 4].map((field) => ({
    name: `no field ${field}`,
    fault: { altered: without(field) },
  })),
  ...[302, 307].map((status) => ({
    name: `${status} to another host`,
    fault: { status, headers: { location: elsewhere } },
  })),
  { name: 'no TLS', url: (url) => url.replace(/^http:/, 'https:') },
  {
    name: 'TLS by an untrusted authority',
    url: (url) => host(untrusted)(url).replace(/^http:/, 'https:'),
  },
  { name: 'an unknown host name', url: host(NOWHERE) },
  { name: 'a name at a private address', url: host(INSIDE) },
];

/** A fault of one call to AWS. `of`: the operations that can have it. */
export interface AwsKind {
  readonly name: string;
  readonly fault: AwsFault;
  readonly of?: string;
}

export const awsKinds: readonly AwsKind[] = [
  { name: 'ThrottlingException', fault: { error: 'ThrottlingException', status: 400 } },
  { name: 'InternalServiceError', fault: { error: 'InternalServiceError', status: 500 } },
  {
    name: 'InternalServiceError after the work',
    fault: { error: 'InternalServiceError', status: 500, carriedOut: true },
  },
  { name: 'AccessDeniedException', fault: { error: 'AccessDeniedException', status: 400 } },
  { name: 'a connection lost before the work', fault: { connection: 'lost-before' } },
  { name: 'a connection lost after the work', fault: { connection: 'lost-after' } },
  { name: 'FailedEntryCount', fault: { failedEntries: [0] }, of: 'events.PutEvents' },
  {
    name: 'a version without a value',
    fault: { error: 'ResourceNotFoundException', status: 400 },
    of: 'secretsmanager.GetSecretValue',
  },
];
