import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChallenges } from '../../lib/registry/challenge.ts';
import { runs } from '../support/sample.ts';

const read = (header: string) =>
  parseChallenges(header).map(({ scheme, token68, params }) => [
    scheme,
    token68,
    Object.fromEntries(params),
  ]);

describe('a WWW-Authenticate header', () => {
  test.each<[string, string, unknown[]]>([
    [
      "is read as Quay's",
      'Bearer realm="https://quay.io/v2/auth",service="quay.io"',
      [['bearer', undefined, { realm: 'https://quay.io/v2/auth', service: 'quay.io' }]],
    ],
    [
      'keeps commas and colons inside quotes',
      'Bearer realm="https://a.test/t",scope="repository:a/b:pull,push"',
      [['bearer', undefined, { realm: 'https://a.test/t', scope: 'repository:a/b:pull,push' }]],
    ],
    [
      'contains several challenges, as in RFC 9110, 11.6.1',
      'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
      [
        ['basic', undefined, { realm: 'simple' }],
        ['newauth', undefined, { realm: 'apps', type: '1', title: 'Login to "apps"' }],
      ],
    ],
    [
      'contains schemes without parameters',
      'Negotiate, Basic realm=x',
      [
        ['negotiate', undefined, {}],
        ['basic', undefined, { realm: 'x' }],
      ],
    ],
    [
      'contains a token68',
      'Negotiate YWJj/+==, Basic realm="x"',
      [
        ['negotiate', 'YWJj/+==', {}],
        ['basic', undefined, { realm: 'x' }],
      ],
    ],
    [
      'distinguishes a token68 that ends with = from a parameter',
      'Negotiate abc=',
      [['negotiate', 'abc=', {}]],
    ],
    [
      'ignores the case of schemes and names',
      'BEARER REALM="X",Service=Y',
      [['bearer', undefined, { realm: 'X', service: 'Y' }]],
    ],
    ['allows space around =', 'Basic realm \t= "x"', [['basic', undefined, { realm: 'x' }]]],
    [
      'allows empty list elements',
      ' , ,Basic , realm="x",, ',
      [['basic', undefined, { realm: 'x' }]],
    ],
    ['allows an empty value', 'Basic realm=""', [['basic', undefined, { realm: '' }]]],
    [
      'is read even without quotes',
      'Bearer realm=https://a.test/t?x=1,service=a',
      [['bearer', undefined, { realm: 'https://a.test/t?x=1', service: 'a' }]],
    ],
    [
      'is read even without a comma',
      'Bearer realm="a" Basic realm="b"',
      [
        ['bearer', undefined, { realm: 'a' }],
        ['basic', undefined, { realm: 'b' }],
      ],
    ],
    [
      'keeps the first of two parameters with the same name',
      'Basic realm="a", realm="b"',
      [['basic', undefined, { realm: 'a' }]],
    ],
    ['drops an unterminated value', 'Basic realm="a', [['basic', undefined, {}]]],
    ['drops a value that ends in an escape', 'Basic realm="a\\', [['basic', undefined, {}]]],
    ['drops a parameter before any scheme', 'realm="a", Basic', [['basic', undefined, {}]]],
    [
      'has no challenges inside a stray quoted string',
      '"Bearer realm=x, ", Basic',
      [['basic', undefined, {}]],
    ],
    [
      'accepts names of object members',
      'Basic __proto__="x", constructor=y',
      [
        [
          'basic',
          undefined,
          Object.fromEntries([
            ['__proto__', 'x'],
            ['constructor', 'y'],
          ]),
        ],
      ],
    ],
    ['may be garbage', '@@@ = ;; {"a": 1} \u0000\u00ff', [['1', undefined, {}]]],
    ['may be empty', '', []],
  ])('WWW-Authenticate %s', (_name, header, wanted) => {
    expect(read(header)).toEqual(wanted);
  });

  test('parseChallenges never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        (header) => void parseChallenges(header),
      ),
      { numRuns: runs(500) },
    );
    const tricky = fc.array(
      fc.constantFrom('"', '\\', ',', '=', ' ', '\t', 'a', '/', 'Bearer', 'realm'),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(tricky, (parts) => void parseChallenges(parts.join(''))),
      { numRuns: runs(1000) },
    );
  });

  test('parseChallenges returns the challenges of a header that follows the grammar', () => {
    const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9a-z-]{1,12}$/);
    const param = fc.tuple(
      token,
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.constantFrom('=', ' = '),
    );
    const params = fc.uniqueArray(param, { maxLength: 5, selector: ([name]) => name });
    const token68 = fc.stringMatching(/^[A-Za-z0-9\-._~+/]{1,20}={0,2}$/);
    const challenge = fc.oneof(
      fc.record({ scheme: token, params }),
      fc.record({ scheme: token, params: fc.constant([]), token68 }),
    );
    const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
    fc.assert(
      fc.property(
        fc.array(challenge, { maxLength: 4 }),
        fc.constantFrom(', ', ',', ' ,, '),
        (challenges, comma) => {
          const header = challenges
            .map((one) => {
              const rest = one.params
                .map(([name, value, equals]) => `${name}${equals}${quote(value)}`)
                .join(comma);
              return [one.scheme, 'token68' in one ? one.token68 : rest]
                .filter((part) => part !== '')
                .join(' ');
            })
            .join(comma);
          expect(read(header)).toEqual(
            challenges.map((one) => [
              one.scheme,
              'token68' in one ? one.token68 : undefined,
              Object.fromEntries(one.params.map(([name, value]) => [name, value])),
            ]),
          );
        },
      ),
      { numRuns: runs(500) },
    );
  });

  test.each([
    ['quotes', '"'],
    ['open quotes', 'a="'],
    ['escapes', '\\'],
    ['letters', 'a'],
    ['letters and spaces', 'a '],
    ['token68', 'a /='],
    ['spaces', ' \t'],
    ['equals', '='],
    ['schemes', 'Bearer realm="x",'],
  ])(
    'a WWW-Authenticate header of a million characters of %s is read in linear time',
    (_name, unit) => {
      const before = process.cpuUsage();
      parseChallenges(`Bearer realm="${unit.repeat(1e6 / unit.length)}`);
      parseChallenges(unit.repeat(1e6 / unit.length));
      const { user, system } = process.cpuUsage(before);
      // CPU time, independent of other load; a linear reader needs a tenth of it, a quadratic one
      // minutes
      expect((user + system) / 1000).toBeLessThan(10_000);
    },
  );
});
