import { describe, expect, test } from 'vitest';
import { registryUrl, trustedRealm } from '../../lib/registry/realm.ts';

describe('the address of a registry', () => {
  test.each<[string, string | undefined]>([
    ['quay.io', 'https://quay.io/'],
    ['Quay.IO', 'https://quay.io/'],
    ['quay.io.', 'https://quay.io/'],
    ['quay.io.:5000', 'https://quay.io:5000/'],
    ['registry.example.com:443', 'https://registry.example.com/'],
    ['registry.example.com:5000', 'https://registry.example.com:5000/'],
    ['localhost', 'http://localhost/'],
    ['localhost.:5000', 'http://localhost:5000/'],
    ['LOCALHOST:5000', 'http://localhost:5000/'],
    ['localhost:443', 'http://localhost:443/'],
    ['127.0.0.1:5000', 'http://127.0.0.1:5000/'],
    ['127.8.9.10', 'http://127.8.9.10/'],
    ['[::1]:5000', 'http://[::1]:5000/'],
    ['::1', 'http://[::1]/'],
    ['[2001:db8::1]:5000', 'https://[2001:db8::1]:5000/'],
    ['2001:db8::1', 'https://[2001:db8::1]/'],
    ['10.0.0.1:5000', 'https://10.0.0.1:5000/'],
    ['128.0.0.1', 'https://128.0.0.1/'],
    ['0.0.0.0', 'https://0.0.0.0/'],
    ['localhost.example.com', 'https://localhost.example.com/'],
    ['127.0.0.1.example.com', 'https://127.0.0.1.example.com/'],
    ['', undefined],
    ['.', undefined],
    ['https://quay.io', undefined],
    ['quay.io/acme', undefined],
    ['user@quay.io', undefined],
    ['user:password@quay.io', undefined],
    ['quay.io?x', undefined],
    ['quay.io#x', undefined],
    ['quay.io\\x', undefined],
    ['quay .io', undefined],
    ['quay.io\r\nx', undefined],
    ['quay.io:99999', undefined],
    ['quay.io:5000:1', undefined],
    ['[::1', undefined],
  ])('the URL of the registry %j is %s', (registry, url) =>
    expect(registryUrl(registry)?.href).toBe(url),
  );
});

describe('the password may go to', () => {
  test.each<[string, string, string, string[]]>([
    ["the registry's own host", 'https://quay.io/v2/auth', 'quay.io', []],
    ['the host in capitals', 'HTTPS://QUAY.IO/v2/auth', 'quay.io', []],
    ['the host with a trailing dot', 'https://quay.io./v2/auth', 'quay.io', []],
    ['the host of a registry with a trailing dot', 'https://quay.io/v2/auth', 'quay.io.', []],
    ['the registry’s own port', 'https://quay.example:8443/auth', 'quay.example:8443', []],
    ['the default port of its host', 'https://quay.example/auth', 'quay.example:8443', []],
    ['the default port, written out', 'https://quay.io:443/v2/auth', 'quay.io', []],
    ['its IPv6 address', 'https://[2001:db8::1]:5000/auth', '[2001:DB8:0::1]:5000', []],
    [
      'a host with an allowed suffix',
      'https://auth.ionos.com/token',
      'r.cr.ionos.com',
      ['.ionos.com'],
    ],
    [
      'a host below any region',
      'https://a.cr.de-fra.ionos.com/token',
      'r.test',
      ['.cr.*.ionos.com'],
    ],
    [
      'a host in any region',
      'https://swr.cn-north-4.myhuaweicloud.com/',
      'r.test',
      ['swr.*.myhuaweicloud.com'],
    ],
    [
      'a host several labels below a suffix',
      'https://a.b.c.ionos.com/token',
      'r.cr.ionos.com',
      ['.example.com', '.ionos.com'],
    ],
    [
      'a host with the suffix in capitals',
      'https://AUTH.Ionos.Com/token',
      'r.cr.ionos.com',
      ['.IONOS.com'],
    ],
    [
      'a host with the suffix and a trailing dot',
      'https://auth.ionos.com./token',
      'r.cr.ionos.com',
      ['.ionos.com'],
    ],
    [
      'a host that is listed',
      'https://api.digitalocean.com/v2/registry/auth',
      'registry.digitalocean.com',
      ['api.digitalocean.com'],
    ],
    [
      'a host and port that are listed',
      'https://auth.example.com:8443/token',
      'r.example.com',
      ['auth.example.com:8443'],
    ],
    [
      'another port on loopback that is listed',
      'http://127.0.0.1:5001/auth',
      '127.0.0.1:5000',
      ['127.0.0.1:5001'],
    ],
    ['http on loopback', 'http://127.0.0.1:5000/auth', '127.0.0.1:5000', []],
    ['http on loopback by name', 'http://localhost:5000/auth', 'localhost:5000', []],
    ['http on loopback in IPv6', 'http://[::1]:5000/auth', '[::1]:5000', []],
  ])('a password may be sent to %s', (_name, realm, registry, suffixes) =>
    expect(decide(realm, registry, suffixes)).toBeDefined(),
  );
});

describe('the password may not go to', () => {
  test.each<[string, string, string, string[]]>([
    ['another host', 'https://evil.test/auth', 'quay.io', ['.quay.io']],
    [
      'a host that only ends like a suffix',
      'https://evil-ionos.com/auth',
      'r.ionos.com',
      ['.ionos.com', 'ionos.com'],
    ],
    [
      'a host that only begins like a suffix',
      'https://ionos.com.evil.test/auth',
      'r.ionos.com',
      ['.ionos.com', 'ionos.com'],
    ],
    [
      'the domain itself if only hosts below it are allowed',
      'https://ionos.com/auth',
      'r.ionos.com',
      ['.ionos.com'],
    ],
    ['a host below the own one', 'https://a.quay.io/auth', 'quay.io', []],
    ['a host above the own one', 'https://ionos.com/auth', 'r.ionos.com', []],
    ['a host behind userinfo', 'https://quay.io@evil.test/auth', 'quay.io', []],
    ['the own host with userinfo', 'https://user:pass@quay.io/auth', 'quay.io', []],
    ['the own host with a user name', 'https://user@quay.io/auth', 'quay.io', []],
    ['the own host with a password', 'https://:pass@quay.io/auth', 'quay.io', []],
    ['a host behind a backslash', 'https://evil.test\\@quay.io/auth', 'quay.io', []],
    ['a host behind a fragment', 'https://evil.test#quay.io/auth', 'quay.io', []],
    ['a host behind a query', 'https://evil.test?.quay.io/auth', 'quay.io', ['.quay.io']],
    ['http', 'http://quay.io/v2/auth', 'quay.io', ['quay.io']],
    [
      'a host of another service',
      'https://bucket.obs.cn-north-4.myhuaweicloud.com/',
      'r.test',
      ['swr.*.myhuaweicloud.com'],
    ],
    [
      'a host without a region',
      'https://swr.myhuaweicloud.com/',
      'r.test',
      ['swr.*.myhuaweicloud.com'],
    ],
    [
      'a host with two labels for a region',
      'https://a.cr.b.c.ionos.com/',
      'r.test',
      ['.cr.*.ionos.com'],
    ],
    [
      'the domain itself for a suffix below it',
      'https://cr.de-fra.ionos.com/',
      'r.test',
      ['.cr.*.ionos.com'],
    ],
    [
      'a host with an empty label for a region',
      'https://swr..myhuaweicloud.com/',
      'r.test',
      ['swr.*.myhuaweicloud.com'],
    ],
    ['http at an allowed suffix', 'http://auth.ionos.com/', 'r.ionos.com', ['.ionos.com']],
    ['loopback, if a remote host names it', 'http://127.0.0.1/auth', 'quay.io', []],
    ['another port on loopback', 'http://127.0.0.1:5001/auth', '127.0.0.1:5000', []],
    ['another address on loopback', 'http://127.0.0.2:5000/auth', '127.0.0.1:5000', []],
    [
      'http at a host whose name looks like loopback',
      'http://127.0.0.1.evil.test:5000/',
      '127.0.0.1:5000',
      [],
    ],
    [
      'http at a name below localhost',
      'http://evil.localhost:5000/',
      'localhost:5000',
      ['.localhost'],
    ],
    ['http at a private address', 'http://10.0.0.1:5000/', '10.0.0.1:5000', []],
    ['http at the unspecified address', 'http://0.0.0.0:5000/', '0.0.0.0:5000', []],
    ['another port of the own host', 'https://quay.io:8443/v2/auth', 'quay.io', []],
    [
      'an unusual port at an allowed suffix',
      'https://auth.ionos.com:8443/',
      'r.ionos.com',
      ['.ionos.com'],
    ],
    [
      'http at a host and port that are listed',
      'http://auth.ionos.com:8080/',
      'r.ionos.com',
      ['auth.ionos.com:8080'],
    ],
    [
      'a host below one listed with its port',
      'https://a.auth.ionos.com:8443/',
      'r.ionos.com',
      ['auth.ionos.com:8443'],
    ],
    [
      'an address that ends like a suffix',
      'https://6.127.0.1/',
      'quay.io',
      ['.127.0.1', '127.0.1'],
    ],
    ['an IPv6 address by suffix', 'https://[2001:db8::1]/', 'quay.io', ['db8::1]', '.db8::1]']],
    ['any host for an empty suffix', 'https://evil.test/', 'quay.io', ['', '.']],
    ['a relative URL', '/v2/auth', 'quay.io', []],
    ['a URL without a scheme', 'quay.io/v2/auth', 'quay.io', []],
    ['another host without a scheme', '//evil.test/auth', 'quay.io', []],
    ['a file', 'file://quay.io/v2/auth', 'quay.io', []],
    ['ftp', 'ftp://quay.io/v2/auth', 'quay.io', []],
    ['a script', 'javascript:alert(1)', 'quay.io', []],
    ['nowhere', '', 'quay.io', []],
    ['garbage', 'https://[', 'quay.io', []],
  ])('a password may not be sent to %s', (_name, realm, registry, suffixes) =>
    expect(decide(realm, registry, suffixes)).toBeUndefined(),
  );
});

test('a trusted realm keeps its path and query, and loses its fragment', () => {
  expect(decide('https://quay.io/a/b?c=d#e', 'quay.io', [])).toBe('https://quay.io/a/b?c=d');
});

function decide(realm: string, registry: string, suffixes: readonly string[]): string | undefined {
  const url = registryUrl(registry);
  if (!url) throw new Error(`${registry} is not a registry`);
  return trustedRealm(realm, url, suffixes)?.href;
}
