import { expect, test } from 'vitest';
import { allows, parsePolicy } from '../support/iam.ts';

const document = (change: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sqs:Send*', Resource: 'arn:aws:sqs:*:*:a-?', ...change }],
});
const call = {
  action: 'sqs:sendmessage',
  resource: 'arn:aws:sqs:eu-central-1:1:a-b',
  context: { 'aws:ResourceTag/x': 'y', list: ['xx', 'y'] },
};
const tagged = (value: string) => ({
  Condition: { StringEquals: { 'aws:ResourceTag/x': ['z', value] } },
});

test.each([
  ['wildcards', {}, true],
  ['one letter for a question mark', { Resource: 'arn:aws:sqs:*:*:?' }, false],
  ['a matching tag', tagged('y'), true],
  ['a tag with another value', tagged('n'), false],
  [
    'a tag that is not requested',
    { Condition: { StringEquals: { 'aws:ResourceTag/other': 'y' } } },
    false,
  ],
  ['a denial', { Effect: 'Deny' }, false],
  [
    'a list whose values all match',
    { Condition: { 'ForAllValues:StringLike': { list: ['x*', 'y'] } } },
    true,
  ],
  [
    'a list whose values match in part',
    { Condition: { 'ForAllValues:StringEquals': { list: 'y' } } },
    false,
  ],
  [
    'a list with one matching value',
    { Condition: { 'ForAnyValue:StringEquals': { list: 'y' } } },
    true,
  ],
  [
    '"for all values" of a missing list',
    { Condition: { 'ForAllValues:StringEquals': { none: 'y' } } },
    true,
  ],
  [
    '"for any value" of a missing list',
    { Condition: { 'ForAnyValue:StringEquals': { none: 'y' } } },
    false,
  ],
  ['a key that must be there', { Condition: { Null: { none: 'false' } } }, false],
  ['a key that must not be there', { Condition: { Null: { none: 'true' } } }, true],
  ['a key that may be missing', { Condition: { StringEqualsIfExists: { none: 'y' } } }, true],
  [
    'an optional key with another value',
    { Condition: { StringEqualsIfExists: { 'aws:ResourceTag/x': 'n' } } },
    false,
  ],
])('the evaluation of policies handles %s', (_what, change, expected) => {
  expect(allows(parsePolicy(document(change)), call)).toBe(expected);
  const both = [
    ...parsePolicy(document({ Action: '*', Resource: '*' })),
    ...parsePolicy(document({ ...change, Effect: 'Deny' })),
  ];
  expect(allows(both, call)).toBe(!expected && !('Effect' in change));
});

test.each([
  { NotAction: 'sqs:*' },
  { Principal: '*' },
  { Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
  { Effect: 'Perhaps' },
  { Resource: [] },
])('the evaluation of policies throws for an unsupported statement: %o', (change) => {
  expect(() => parsePolicy(document(change))).toThrow(/understood|no list/);
});
