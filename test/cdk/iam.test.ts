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
  ['a tag that is there', tagged('y'), true],
  ['a tag that is another', tagged('n'), false],
  [
    'a tag that nobody asked for',
    { Condition: { StringEquals: { 'aws:ResourceTag/other': 'y' } } },
    false,
  ],
  ['a refusal', { Effect: 'Deny' }, false],
  [
    'a list that is all of the right kind',
    { Condition: { 'ForAllValues:StringLike': { list: ['x*', 'y'] } } },
    true,
  ],
  [
    'a list that is partly of it',
    { Condition: { 'ForAllValues:StringEquals': { list: 'y' } } },
    false,
  ],
  ['a list that has one of it', { Condition: { 'ForAnyValue:StringEquals': { list: 'y' } } }, true],
  [
    '"for all values" of a list that is not there',
    { Condition: { 'ForAllValues:StringEquals': { none: 'y' } } },
    true,
  ],
  [
    '"for any value" of a list that is not there',
    { Condition: { 'ForAnyValue:StringEquals': { none: 'y' } } },
    false,
  ],
  ['a key that must be there', { Condition: { Null: { none: 'false' } } }, false],
  ['a key that must not be there', { Condition: { Null: { none: 'true' } } }, true],
  ['a key that may be missing', { Condition: { StringEqualsIfExists: { none: 'y' } } }, true],
  [
    'a key that may be missing, and is another',
    { Condition: { StringEqualsIfExists: { 'aws:ResourceTag/x': 'n' } } },
    false,
  ],
])('the evaluation of policies knows %s', (_what, change, expected) => {
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
])('the evaluation of policies does not pass over what it does not understand: %o', (change) => {
  expect(() => parsePolicy(document(change))).toThrow(/understood|no list/);
});
