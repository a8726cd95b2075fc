import { createHash, createHmac } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { MINUTE } from '../../../core/time.ts';
import { hex } from '../ledger.ts';
import type { Parts } from '../parts.ts';
import type { Behaviour, Env } from '../vendor.ts';

/** Switches of the simulated Huawei Cloud. */
export interface HuaweiBehaviour extends Behaviour {
  /** An instance that is not yet Running has no address. */
  instanceState: 'Creating' | 'Running';
  /** The calling IAM user has the required rights. */
  privileged: boolean;
  /** The user has the role te_admin, and may see the credentials of others. */
  seesAll: boolean;
  /** All long-term credentials of an instance share one user name; undocumented. */
  oneUsername: boolean;
  /** The region supports `duration_seconds`. */
  takesDurations: boolean;
  /** Access keys a user may have. */
  keyLimit: number;
}

/** The kinds of credentials in the model. */
export type Kind = 'long-term' | 'temporary' | 'access-key';

/** The key that may sign, and the resources of the account. */
export const account = {
  accessKey: 'SIMULATEDADMINAK0001',
  secretKey: 'simulated/huawei+admin=secret',
  region: 'ap-southeast-3',
  projectId: '0123456789abcdef0123456789abcdef',
  instanceId: '11111111-2222-4333-8444-555555555555',
  /** The IAM user behind the admin's access key. */
  adminId: '08d1a2b3c4d5e6f708192a3b4c5d6e7f',
  /** The IAM user whose access keys are rotated. */
  userId: '07609fb9358010e21f7bc003751c7c32',
} as const;

/** The parts that the gateway and the APIs of Huawei Cloud share. */
export type HuaweiModel = Parts<Kind, HuaweiBehaviour>;
/** The HTTP statuses that the APIs behind the gateway refuse with. */
export type Status = 400 | 401 | 403 | 404 | 409 | 500;

/** Allowed difference between X-Sdk-Date and the gateway's own time. */
const SKEW = 15 * MINUTE;

/**
 * The API gateway in front of all services. It refuses a request without a current signature by the
 * account's key.
 */
export function gateway({ clock, random }: HuaweiModel): MiddlewareHandler<Env> {
  return async (context, next) => {
    const why = await fault(context, clock.now());
    if (!why) return next();
    const error_msg = `Incorrect IAM authentication information: ${why}`;
    return context.json({ error_msg, error_code: 'APIGW.0301', request_id: hex(16, random) }, 401);
  };
}

async function fault(context: Context<Env>, now: Date): Promise<string | undefined> {
  const pattern =
    /^SDK-HMAC-SHA256 Access=([^,\s]+), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const [, key, names = '', signature] =
    pattern.exec(context.req.header('authorization') ?? '') ?? [];
  if (!key) return 'x-auth-token not found';
  if (key !== account.accessKey) return 'get secretKey failed,ak:****';
  const time = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
    .exec(context.req.header('x-sdk-date') ?? '')
    ?.slice(1)
    .map(Number);
  if (!time) return 'x-sdk-date format error';
  const [year = 0, month = 1, day, hour, minute, second] = time;
  if (Math.abs(Date.UTC(year, month - 1, day, hour, minute, second) - now.getTime()) > SKEW)
    return 'the signature is expired';
  const headers = names.split(';');
  if (!['host', 'x-sdk-date'].every((name) => headers.includes(name)))
    return 'the signed headers are incomplete';
  return (await expected(context, headers)) === signature
    ? undefined
    : 'verify aksk signature fail';
}

/** The signature of the received request, computed from the published algorithm. */
async function expected(context: Context<Env>, signed: readonly string[]): Promise<string> {
  const [, path = '/', query = ''] = /^https?:\/\/[^/]+([^?]*)\??(.*)$/.exec(context.req.url) ?? [];
  const pairs = query.split('&').filter((pair) => pair !== '');
  const arguments_ = pairs.map((pair) => {
    const at = `${pair}=`.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)]
      .map((part) => encode(decodeURIComponent(part)))
      .join('=');
  });
  const segments = `${path}${path.endsWith('/') ? '' : '/'}`
    .split('/')
    .map((segment) => encode(decodeURIComponent(segment)));
  let canonical = `${context.req.method}\n${segments.join('/')}\n${arguments_.sort().join('&')}\n`;
  for (const name of signed) canonical += `${name}:${context.req.header(name) ?? ''}\n`;
  canonical += `\n${signed.join(';')}\n${digest(await context.req.text())}`;
  const text = `SDK-HMAC-SHA256\n${context.req.header('x-sdk-date')}\n${digest(canonical)}`;
  return createHmac('sha256', account.secretKey).update(text).digest('hex');
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** Encodes byte by byte. RFC 3986 leaves letters, digits and four signs as they are. */
function encode(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text)) {
    const char = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9._~-]/.test(char)
      ? char
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
