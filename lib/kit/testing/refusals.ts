import type { ErrorCode } from '../../core/errors.ts';
import type { HttpOptions } from '../../http/client.ts';
import { type Fault, htmlPage } from '../../sandbox/faults.ts';

/** A text in the vendor's bodies that must never appear in an error. */
export const canary = 'CANARY-7d2f';

const json = (status: number, body: unknown, headers = {}): Fault => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** An answer with this status, and a body with texts that must not appear in an error. */
export const refusal = (status: number, headers = {}): Fault =>
  json(status, { message: canary, err_msg: canary, secret: canary, id: canary }, headers);

/** An answer of the vendor, and the code of the error that the provider throws for it. */
export type Row = [what: string, fault: Fault, code: ErrorCode, retryAfter?: number];

/** Answers without the request being carried out. */
export const refusals: readonly Row[] = [
  ['400', refusal(400), 'rejected'],
  ['401', refusal(401), 'admin-refused'],
  ['403', refusal(403), 'forbidden'],
  ['404', refusal(404), 'not-found'],
  ['409', refusal(409), 'conflict'],
  ['429', refusal(429), 'throttled'],
  ['429 with Retry-After', refusal(429, { 'retry-after': '70' }), 'throttled', 70_000],
  ['429 as HTML from a proxy', htmlPage(429), 'throttled'],
  ['500', refusal(500), 'provider-failed'],
  [
    '503 as HTML with Retry-After',
    { status: 503, headers: { 'retry-after': '30' }, body: `<p>${canary}</p>` },
    'provider-failed',
    30_000,
  ],
  [
    'a redirect',
    { status: 302, headers: { location: `http://127.0.0.1:9/${canary}` } },
    'bad-answer',
  ],
  ['a hang', { hang: true }, 'unreachable'],
  ['a connection cut before', { cut: 'before' }, 'unreachable'],
  [
    'a page of HTML with status 200',
    { status: 200, headers: { 'content-type': 'text/html' }, body: `<p>${canary}</p>` },
    'bad-answer',
  ],
  ['a huge body', json(200, { [canary]: 'x'.repeat(1_200_000) }), 'bad-answer'],
];

/** Answers that are lost, or say nothing, although the request was carried out. */
export const lostAnswers: readonly Row[] = [
  ['a connection cut after', { cut: 'after' }, 'unreachable'],
  ['half an answer', { truncate: true }, 'unreachable'],
  ['500 after it was done', { status: 500, body: canary, carriedOut: true }, 'provider-failed'],
  ['an empty 200 after it was done', { status: 200, body: '', carriedOut: true }, 'bad-answer'],
];

/** Answers with JSON in which nothing is as documented. */
export const wrongJson: readonly Row[] = [
  [
    'other JSON',
    json(200, {
      surprise: canary,
      items: canary,
      properties: canary,
      distribution_credentials: canary,
    }),
    'bad-answer',
  ],
  ['null', json(200, null), 'bad-answer'],
  ['a list', json(200, [canary]), 'bad-answer'],
];

/** A hang gets a short deadline, so that no test waits for long. */
export const patience = (fault: Fault): HttpOptions => ('hang' in fault ? { deadline: 300 } : {});
