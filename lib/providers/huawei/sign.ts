import { createHash, createHmac } from 'node:crypto';
import type { Secret } from '../../core/secret.ts';
import { stamp } from '../../core/time.ts';

/** An access key of Huawei Cloud; a temporary one has a security token. */
export interface AccessKey {
  readonly accessKey: Secret;
  readonly secretKey: Secret;
  readonly securityToken?: Secret | undefined;
}

/** A request to sign: all of `headers`, and exactly the bytes of `body` that are sent. */
export interface Signable {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

const ALGORITHM = 'SDK-HMAC-SHA256';

/**
 * The headers of a request to Huawei Cloud with its signature (SDK-HMAC-SHA256). Good for 15
 * minutes around `at`. Source: the API Request Signing Guide, support.huaweicloud.com devg-apisign
 * api-sign-algorithm.
 */
export function sign(
  { method, url, headers, body = '' }: Signable,
  key: AccessKey,
  at: Date,
): Record<string, string> {
  const { host, pathname, searchParams } = new URL(url);
  const date = stamp(at);
  const sent: Record<string, string> = { ...headers, 'x-sdk-date': date };
  if (key.securityToken) sent['x-security-token'] = key.securityToken.reveal();
  const signed = Object.entries({ ...sent, host })
    .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
    .sort(([a], [b]) => compare(a, b));
  const names = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
  const canonical = [
    method,
    canonicalPath(pathname),
    canonicalQuery(searchParams),
    lines,
    names,
    sha256(body),
  ].join('\n');
  const text = [ALGORITHM, date, sha256(canonical)].join('\n');
  const signature = createHmac('sha256', key.secretKey.reveal()).update(text).digest('hex');
  const authorization = [
    `${ALGORITHM} Access=${key.accessKey.reveal()}`,
    `SignedHeaders=${names}`,
    `Signature=${signature}`,
  ].join(', ');
  return { ...sent, authorization };
}

/** Ends with a slash, whether the path that is sent does or not. */
function canonicalPath(path: string): string {
  const segments = path.split('/').map((segment) => escaped(decodeURIComponent(segment)));
  return segments.join('/').replace(/\/?$/, '/');
}

/** Sorted by key, then by value, as they are before they are escaped. */
function canonicalQuery(query: URLSearchParams): string {
  const pairs = [...query].sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
  return pairs.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join('&');
}

/** All but the unreserved characters of RFC 3986; encodeURIComponent leaves five more. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
