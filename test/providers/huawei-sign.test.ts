import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../lib/core/secret.ts';
import { parseStamp } from '../../lib/core/time.ts';
import { type AccessKey, type Signable, sign } from '../../lib/providers/huawei/sign.ts';

interface Vector {
  name: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  ak: string;
  sk: string;
  authorization: string;
}
const { vectors } = JSON.parse(
  readFileSync(new URL('huawei-signing-vectors.json', import.meta.url), 'utf8'),
) as {
  vectors: Vector[];
};

const at = new Date('2026-01-15T09:30:00.789Z');
const key: AccessKey = {
  accessKey: new Secret('AKEXAMPLE00000000001'),
  secretKey: new Secret('SK/example+1'),
};
const plain: Signable = {
  method: 'GET',
  url: 'https://api.example.test/v2/x',
  headers: { 'content-type': 'application/json' },
};
const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** The HMAC that OpenSSL computes for a canonical request written by hand. */
function signature(canonical: readonly string[], secretKey = 'SK/example+1'): string {
  const openssl = (input: string, ...more: string[]) =>
    /[0-9a-f]{64}/.exec(
      execFileSync('openssl', ['dgst', '-sha256', '-hex', ...more], { input, encoding: 'utf8' }),
    )?.[0] ?? '';
  return openssl(
    `SDK-HMAC-SHA256\n20260115T093000Z\n${openssl(canonical.join('\n'))}`,
    '-hmac',
    secretKey,
  );
}

const signed = (change: Partial<Signable>, by = key) => sign({ ...plain, ...change }, by, at);

/** The expected signature for a path, a query, and a body's hash. */
const expected = (path: string, query: string, hash = empty, method = 'GET') =>
  signature([
    method,
    path,
    query,
    'content-type:application/json',
    'host:api.example.test',
    'x-sdk-date:20260115T093000Z',
    '',
    'content-type;host;x-sdk-date',
    hash,
  ]);

describe('a signature of Huawei Cloud', () => {
  test.each(vectors)(
    'the Huawei signature matches the vector: $name',
    ({ method, url, headers, body, ak, sk, authorization }) => {
      const { 'X-Sdk-Date': date = '', ...rest } = headers;
      const by = { accessKey: new Secret(ak), secretKey: new Secret(sk) };
      const answer = sign(
        { method, url, headers: rest, body },
        by,
        parseStamp(date) ?? new Date(0),
      );
      expect(answer).toMatchObject({ authorization, 'x-sdk-date': date });
    },
  );

  test('there are at least ten vectors of a Huawei signature, two of them published', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(10);
    expect(vectors.filter(({ name }) => name.startsWith('published')).length).toBe(2);
  });

  test.each([
    ['a path that ends with a slash', '/v2/x/', '/v2/x/', ''],
    ['the root', '/', '/', ''],
    ['no path', '', '/', ''],
    ['an escaped path', '/a%20b/c', '/a%20b/c/', ''],
    ['unicode in the path', '/ä/é%C3%A9', '/%C3%A4/%C3%A9%C3%A9/', ''],
    ['an escaped slash in a segment', '/a%2Fb', '/a%2Fb/', ''],
    [
      'characters that JavaScript does not escape, in the path',
      "/a!b'c(d)e*f~g",
      '/a%21b%27c%28d%29e%2Af~g/',
      '',
    ],
    [
      'reserved characters in the path',
      '/a:b@c$d&e+f,g;h=i',
      '/a%3Ab%40c%24d%26e%2Bf%2Cg%3Bh%3Di/',
      '',
    ],
    ['keys in another order', '/x?b=2&a=1&C=3', '/x/', 'C=3&a=1&b=2'],
    ['a key that comes again', '/x?k=b&a=0&k=a&k=', '/x/', 'a=0&k=&k=a&k=b'],
    ['empty values', '/x?b=&a', '/x/', 'a=&b='],
    ['unicode in the query', '/x?n=j%C3%B6rg&%E2%82%AC=1', '/x/', 'n=j%C3%B6rg&%E2%82%AC=1'],
    [
      'reserved characters in the query',
      '/x?q=a%2Fb%3Dc%26d!*%27()',
      '/x/',
      'q=a%2Fb%3Dc%26d%21%2A%27%28%29',
    ],
    ['a space in the query', '/x?q=a%20b', '/x/', 'q=a%20b'],
    ['unreserved characters', '/x?q=-._~aZ09', '/x/', 'q=-._~aZ09'],
    ['a fragment, which is not sent', '/x?q=1#part', '/x/', 'q=1'],
  ])('the Huawei signature covers %s', (_what, url, path, query) => {
    const { authorization } = signed({ url: `https://api.example.test${url}` });
    expect(authorization).toBe(
      'SDK-HMAC-SHA256 Access=AKEXAMPLE00000000001, ' +
        `SignedHeaders=content-type;host;x-sdk-date, Signature=${expected(path, query)}`,
    );
  });

  test.each([
    ['a body', '{"name":"a"}'],
    ['a body of unicode', '{"name":"jörg €"}'],
    ['a body with a line break at its end', '{"Name":"test","Id":1}\n'],
  ])('the Huawei signature of %s covers its bytes', (_what, body) => {
    const hash = execFileSync('openssl', ['dgst', '-sha256', '-r'], {
      input: body,
      encoding: 'utf8',
    }).slice(0, 64);
    expect(signed({ method: 'POST', body }).authorization).toContain(
      expected('/v2/x/', '', hash, 'POST'),
    );
  });

  test('the Huawei signature covers the security token of a temporary access key', () => {
    const answer = signed({}, { ...key, securityToken: new Secret('TOKEN==') });
    expect(answer['x-security-token']).toBe('TOKEN==');
    const canonical = [
      'GET',
      '/v2/x/',
      '',
      'content-type:application/json',
      'host:api.example.test',
      'x-sdk-date:20260115T093000Z',
      'x-security-token:TOKEN==',
      '',
      'content-type;host;x-sdk-date;x-security-token',
      empty,
    ];
    expect(answer.authorization).toContain(
      `SignedHeaders=${canonical[8]}, Signature=${signature(canonical)}`,
    );
  });

  test('the Huawei signature covers the project, and the port of a host that has one', () => {
    const answer = signed({ url: 'http://127.0.0.1:8080/x', headers: { 'X-Project-Id': ' p1 ' } });
    const canonical = [
      'GET',
      '/x/',
      '',
      'host:127.0.0.1:8080',
      'x-project-id:p1',
      'x-sdk-date:20260115T093000Z',
      '',
    ];
    expect(answer.authorization).toContain(
      signature([...canonical, 'host;x-project-id;x-sdk-date', empty]),
    );
    expect(answer).not.toHaveProperty('host');
  });

  test('the Huawei signature depends on the time, the key and the method alone', () => {
    const { authorization } = signed({});
    expect(sign(plain, key, new Date(at.getTime() + 200)).authorization).toBe(authorization);
    expect(sign(plain, key, new Date(at.getTime() + 1000)).authorization).not.toBe(authorization);
    expect(signed({ method: 'DELETE' }).authorization).not.toBe(authorization);
    expect(signed({}, { ...key, secretKey: new Secret('other') }).authorization).not.toBe(
      authorization,
    );
  });
});
