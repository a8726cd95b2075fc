import { expect, test } from 'vitest';
import { awsAdvice } from '../../lib/aws/advice.ts';
import { awsFailure } from '../../lib/aws/failure.ts';

const named = (name: string, message = 'CANARY', more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });
const session = /session has expired; sign in again/;

test.each([
  ['no region is set', named('Error', 'Region is missing'), /no AWS region is set; set AWS_REGION/],
  [
    'there are no credentials',
    named('CredentialsProviderError', 'Could not load credentials'),
    /no AWS credentials were found/,
  ],
  [
    'a profile’s session has expired',
    named('CredentialsProviderError', 'The SSO session has expired'),
    session,
  ],
  ['a token cannot be refreshed', named('TokenProviderError'), session],
  ['the session has expired', named('ExpiredTokenException'), session],
  [
    'the access key is unknown',
    named('UnrecognizedClientException'),
    /does not know these access keys/,
  ],
  [
    'the signature is wrong',
    named('InvalidSignatureException'),
    /secret access key is wrong, or the clock/,
  ],
  ['AWS throttles', named('ThrottlingException'), /fewer calls; try again in a minute/],
  ['AWS fails', named('InternalServiceError'), /AWS failed; try again/],
  ['the call times out', named('TimeoutError'), /cannot reach AWS in eu-west-9; check the region/],
  [
    'the region does not exist',
    named('Error', 'CANARY', { code: 'ENOTFOUND' }),
    /cannot reach AWS in eu-west-9/,
  ],
  [
    'no address accepts the connection',
    Object.assign(new AggregateError([named('Error', 'CANARY', { code: 'ECONNREFUSED' })]), {
      name: 'AggregateError',
    }),
    /cannot reach AWS in eu-west-9/,
  ],
  [
    'a proxy intercepts TLS',
    named('Error', 'CANARY', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
    /NODE_EXTRA_CA_CERTS/,
  ],
])('awsAdvice gives advice if %s, and quotes no text of AWS', (_what, error, expected) => {
  for (const one of [error, awsFailure(error, 'ListSecrets')]) {
    const advice = awsAdvice(one, { region: 'eu-west-9' });
    expect(advice).toMatch(expected);
    expect(advice).not.toContain('CANARY');
  }
});

test('awsAdvice names the caller, the action and the resource of a denied call', () => {
  const caller = 'arn:aws:sts::111122223333:assumed-role/on-call/ann@example.com';
  const bus = 'arn:aws:events:eu-central-1:111122223333:event-bus/rekey-acme';
  const text = [
    `User: ${caller} is not authorized to perform: events:PutEvents`,
    `on resource: ${bus} because no policy allows`,
  ].join(' ');
  expect(awsAdvice(named('AccessDeniedException', text))).toBe(
    [
      `${caller} may not events:PutEvents on ${bus};`,
      'docs/security.md lists the rights that each command needs',
    ].join(' '),
  );
  expect(
    awsAdvice(named('AccessDeniedException', 'User: CANARY is not authorized to perform: CANARY')),
  ).toBe(
    'the caller may not make this call; docs/security.md lists the rights that each command needs',
  );
});

test('awsAdvice names the endpoint of an embedded AWS', () => {
  const error = named('Error', '', { code: 'ECONNREFUSED' });
  expect(awsAdvice(error, { endpoint: 'http://127.0.0.1:4566' })).toBe(
    'cannot reach http://127.0.0.1:4566; is it running?',
  );
});

test('awsAdvice returns nothing for an unknown error', () => {
  for (const error of [
    named('ValidationException'),
    named('constructor'),
    undefined,
    'text',
    new TypeError('x'),
  ]) {
    expect(awsAdvice(error)).toBeUndefined();
  }
});
