import { describe, expect, test } from 'vitest';
import { eventPattern } from '../../../lib/sandbox/aws/events/event-pattern.ts';

const event = {
  source: 'rekey',
  'detail-type': 'Credential Rotated',
  resources: ['arn:one', 'arn:two'],
  detail: {
    target: 'Prod/App.png',
    count: 5,
    zero: 0,
    empty: '',
    nothing: null,
    on: true,
    list: [],
    ip: '10.0.0.7',
    ip6: '2001:db8::1',
    path: 'dir/a*b\\c',
    items: [{ kind: 'a', size: 1 }, { kind: 'b' }],
    nested: { deep: { leaf: 'x' } },
  },
};

const detail = (pattern: object) => ({ detail: pattern });

describe('an event pattern', () => {
  test.each<[string, object, boolean]>([
    ['equal text', { source: ['rekey'] }, true],
    ['other text', { source: ['aws.s3'] }, false],
    ['text in another case', { source: ['Rekey'] }, false],
    ['one of several values', { source: ['other', 'rekey'] }, true],
    ['two fields, both match', { source: ['rekey'], 'detail-type': ['Credential Rotated'] }, true],
    ['two fields, one does not match', { source: ['rekey'], 'detail-type': ['Other'] }, false],
    ['a missing field', { nope: ['x'] }, false],
    ['a field that every object has', { toString: [{ exists: true }] }, false],
    ['an element of an array', { resources: ['arn:two'] }, true],
    ['no element of an array', { resources: ['arn:three'] }, false],
    ['a number', detail({ count: [5] }), true],
    ['a number is not equal to its text', detail({ count: ['5'] }), false],
    ['zero', detail({ zero: [0] }), true],
    ['a boolean', detail({ on: [true] }), true],
    ['null', detail({ nothing: [null] }), true],
    ['null is not a missing field', detail({ nope: [null] }), false],
    ['null is not empty text', detail({ empty: [null] }), false],
    ['empty text', detail({ empty: [''] }), true],
    ['deep', detail({ nested: { deep: { leaf: ['x'] } } }), true],
    ['deep, wrong', detail({ nested: { deep: { leaf: ['y'] } } }), false],
    ['an array of objects', detail({ items: { kind: ['b'] } }), true],
    [
      'no object of an array matches both fields',
      detail({ items: { kind: ['b'], size: [1] } }),
      false,
    ],
    ['prefix', detail({ target: [{ prefix: 'Prod/' }] }), true],
    ['prefix, wrong', detail({ target: [{ prefix: 'prod/' }] }), false],
    [
      'prefix, ignoring case',
      detail({ target: [{ prefix: { 'equals-ignore-case': 'PROD/' } }] }),
      true,
    ],
    ['prefix of a number', detail({ count: [{ prefix: '5' }] }), false],
    ['suffix', detail({ target: [{ suffix: '.png' }] }), true],
    ['suffix, wrong', detail({ target: [{ suffix: '.PNG' }] }), false],
    [
      'suffix, ignoring case',
      detail({ target: [{ suffix: { 'equals-ignore-case': '.PNG' } }] }),
      true,
    ],
    ['equals-ignore-case', { source: [{ 'equals-ignore-case': 'REKEY' }] }, true],
    ['equals-ignore-case, wrong', { source: [{ 'equals-ignore-case': 'REKE' }] }, false],
    ['wildcard', detail({ target: [{ wildcard: 'Prod/*.png' }] }), true],
    ['wildcard, twice', detail({ target: [{ wildcard: '*App*' }] }), true],
    ['wildcard, nothing between', detail({ target: [{ wildcard: 'Prod/*App.png' }] }), true],
    ['wildcard, wrong', detail({ target: [{ wildcard: 'Prod/*.jpg' }] }), false],
    ['wildcard, a dot is literal', detail({ target: [{ wildcard: 'Prod/App?png' }] }), false],
    ['wildcard, escaped', detail({ path: [{ wildcard: 'dir/a\\*b\\\\c' }] }), true],
    ['wildcard, escaped, wrong', detail({ target: [{ wildcard: 'Prod/\\*' }] }), false],
    ['anything-but text', { source: [{ 'anything-but': 'other' }] }, true],
    ['anything-but, wrong', { source: [{ 'anything-but': 'rekey' }] }, false],
    ['anything-but a list', { source: [{ 'anything-but': ['rekey', 'other'] }] }, false],
    ['anything-but a number', detail({ count: [{ 'anything-but': 6 }] }), true],
    ['anything-but numbers', detail({ count: [{ 'anything-but': [5, 6] }] }), false],
    ['anything-but on a missing field', { nope: [{ 'anything-but': 'x' }] }, false],
    [
      'anything-but, one element of an array differs',
      { resources: [{ 'anything-but': 'arn:one' }] },
      true,
    ],
    ['anything-but a prefix', { source: [{ 'anything-but': { prefix: 'aws.' } }] }, true],
    ['anything-but prefixes', { source: [{ 'anything-but': { prefix: ['aws.', 're'] } }] }, false],
    ['anything-but a suffix', detail({ target: [{ 'anything-but': { suffix: '.png' } }] }), false],
    [
      'anything-but, ignoring case',
      { source: [{ 'anything-but': { 'equals-ignore-case': ['REKEY'] } }] },
      false,
    ],
    [
      'anything-but a wildcard',
      detail({ target: [{ 'anything-but': { wildcard: '*/lib/*' } }] }),
      true,
    ],
    ['numeric =', detail({ count: [{ numeric: ['=', 5] }] }), true],
    ['numeric <', detail({ count: [{ numeric: ['<', 5] }] }), false],
    ['numeric <=', detail({ count: [{ numeric: ['<=', 5] }] }), true],
    ['numeric range', detail({ count: [{ numeric: ['>', 0, '<=', 5] }] }), true],
    ['numeric range, outside', detail({ count: [{ numeric: ['>', 5, '<', 9] }] }), false],
    ['numeric on text', detail({ target: [{ numeric: ['>', 0] }] }), false],
    ['exists', detail({ count: [{ exists: true }] }), true],
    ['exists, null', detail({ nothing: [{ exists: true }] }), true],
    ['exists, missing', detail({ nope: [{ exists: true }] }), false],
    ['exists: false, missing', detail({ nope: [{ exists: false }] }), true],
    ['exists: false, present', detail({ count: [{ exists: false }] }), false],
    ['exists: false, its parent is missing', detail({ nope: { leaf: [{ exists: false }] } }), true],
    ['exists: false, an object is not a leaf', detail({ nested: [{ exists: false }] }), true],
    ['exists: false, or a value', detail({ nope: ['x', { exists: false }] }), true],
    ['an empty array counts as missing', detail({ list: [{ exists: false }] }), true],
    ['cidr', detail({ ip: [{ cidr: '10.0.0.0/24' }] }), true],
    ['cidr, outside', detail({ ip: [{ cidr: '10.0.1.0/24' }] }), false],
    ['cidr, IPv6', detail({ ip6: [{ cidr: '2001:db8::/32' }] }), true],
    ['cidr on other text', detail({ target: [{ cidr: '10.0.0.0/24' }] }), false],
    ['$or, the first alternative', { $or: [{ source: ['rekey'] }, { nope: ['x'] }] }, true],
    ['$or, none', { $or: [{ source: ['x'] }, { nope: ['x'] }] }, false],
    [
      '$or next to another field',
      { $or: [{ source: ['rekey'] }, { nope: ['x'] }], 'detail-type': ['Other'] },
      false,
    ],
    [
      '$or in a nested object',
      detail({ $or: [{ count: [{ numeric: ['>', 9] }] }, { on: [true] }] }),
      true,
    ],
    ['operators and values in one list', { source: ['other', { prefix: 're' }] }, true],
  ])('%s', (_what, pattern, expected) => {
    expect(eventPattern(JSON.stringify(pattern))(event)).toBe(expected);
  });

  test.each<[string, unknown]>([
    ['not an object', []],
    ['empty', {}],
    ['a value outside a list', { source: 'rekey' }],
    ['an empty list', { source: [] }],
    ['an empty object', { detail: {} }],
    ['a list in a list', { source: [['rekey']] }],
    ['an unknown operator', { source: [{ contains: 'x' }] }],
    ['an operator that every object has', { source: [{ toString: 'x' }] }],
    ['two operators at once', { source: [{ prefix: 'a', suffix: 'b' }] }],
    ['a prefix that is not text', { source: [{ prefix: 1 }] }],
    ['exists with text', { source: [{ exists: 'yes' }] }],
    ['numeric with half a comparison', { count: [{ numeric: ['>'] }] }],
    ['numeric with an unknown sign', { count: [{ numeric: ['!=', 1] }] }],
    ['a cidr without bits', { ip: [{ cidr: '10.0.0.0' }] }],
    ['a cidr with too many bits', { ip: [{ cidr: '10.0.0.0/33' }] }],
    ['two stars in a row', { source: [{ wildcard: 'a**b' }] }],
    ['a backslash before another character', { source: [{ wildcard: 'a\\b' }] }],
    ['$or with one alternative', { $or: [{ source: ['a'] }] }],
    ['anything-but with a boolean', { on: [{ 'anything-but': true }] }],
    ['anything-but with another operator', { on: [{ 'anything-but': { cidr: '10.0.0.0/8' } }] }],
  ])('is refused with %s', (_what, pattern) => {
    expect(() => eventPattern(JSON.stringify(pattern))).toThrow(
      expect.objectContaining({ code: 'InvalidEventPatternException' }),
    );
  });

  test('is refused if it is not JSON', () => {
    expect(() => eventPattern('{')).toThrow(
      expect.objectContaining({ code: 'InvalidEventPatternException' }),
    );
  });
});
