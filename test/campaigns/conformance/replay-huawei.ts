import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { Secret } from '../../../lib/core/secret.ts';
import { huaweiSwrAccessKey } from '../../../lib/providers/huawei-swr-access-key.ts';
import { huaweiSwrEnterprise } from '../../../lib/providers/huawei-swr-enterprise.ts';
import * as daily from '../../../lib/providers/huawei-swr-enterprise-temporary.ts';
import { huaweiSwrTemporary } from '../../../lib/providers/huawei-swr-temporary.ts';
import { createRegistryCheck } from '../../../lib/registry/check.ts';
import { type Answer, type Desk, type Example, type Replay, strict } from './replay.ts';

const region = 'ap-southeast-3';
const admin = { accessKey: 'AKADMIN0000000000001', secretKey: 'admin-secret-key' };
const instance = {
  region,
  projectId: '0123456789abcdef0123456789abcdef',
  instanceId: '11111111-2222-4333-8444-555555555555',
};
const userId = '07609fb9358010e21f7bc003751c7c32';
const enterprise = ({ call }: Desk) => call(huaweiSwrEnterprise, instance, admin);
const ofADay = ({ call }: Desk) => call(daily.huaweiSwrEnterpriseTemporary, instance, admin);
const temporary = ({ call }: Desk, kind = 'secret') =>
  call(huaweiSwrTemporary, { region, kind }, admin);
const accessKey = ({ call }: Desk, place = region) =>
  call(huaweiSwrAccessKey, { region: place, userId }, admin);
const order = { label: 'rotator-a1b2c3' };

const ok = (body: unknown, status = 200): Answer => ({ status, body });
const show = /^GET \/v2\/\w+\/instances\/[^/]+$/;
const credentials = /^(?:GET|PUT|DELETE) \/v2\/\w+\/instances\/[^/]+\/long-term-credentials/;
const keys = /^\w+ \/v3\.0\/OS-CREDENTIAL\/credentials/;
const running = [
  [show, ok({ access_address: 'acme-abc123.swr-pro.myhuaweicloud.com', status: 'Running' })],
] as const;
const id = '66666666-7777-4888-9999-aaaaaaaaaaaa';
const key = 'AKEXAMPLE00000000002';
const filler = 'filled-in';
const made = {
  username: filler,
  password: filler,
  registry: 'acme-abc123.swr-pro.myhuaweicloud.com',
};

const login = async ({ http, signal }: Desk) => {
  const question = {
    registry: 'swr.cn-north-4.myhuaweicloud.com',
    username: 'u',
    password: new Secret('p'),
    realms: [],
  };
  return (
    await createRegistryCheck({ http: strict(http), now: () => new Date(0) }).check(
      question,
      signal,
    )
  ).outcome;
};
const realm = /^GET \/swr\/auth\/v2\/registry\/auth\/\?service=dockyard$/;
const challenge = 'registry challenge (basic edition)';
const pair = Buffer.from('someone:password').toString('base64');

/** Every example of huawei-examples.json. */
export const huaweiReplays: readonly Replay[] = [
  {
    example: 'EE create long-term credential',
    to: /^POST .*\/long-term-credential$/,
    others: running,
    run: (desk) => huaweiSwrEnterprise.issue(enterprise(desk), order),
    filler,
    gives: { id, ...made },
  },
  {
    example: 'EE list',
    to: credentials,
    run: (desk) => huaweiSwrEnterprise.find(enterprise(desk), { prefix: 'rotator-' }),
    gives: [{ id, label: 'rotator-a1b2c3', issuedAt: '2026-01-15T09:30:00.000Z' }],
    asksOtherwise:
      'rekey issues only credentials of the signing user; self_only=false needs the role te_admin',
  },
  {
    example: 'EE disable/enable',
    to: credentials,
    run: async (desk) => huaweiSwrEnterprise.enable?.(enterprise(desk), { id }, false),
  },
  {
    example: 'EE delete',
    to: credentials,
    run: (desk) => huaweiSwrEnterprise.revoke(enterprise(desk), { id }),
  },
  {
    example: 'EE error (400/401/403/404)',
    to: credentials,
    others: running,
    run: (desk) => huaweiSwrEnterprise.check(enterprise(desk)),
    fails: 'forbidden',
  },
  {
    example: 'EE temporary credential',
    to: /^POST .*\/temp-credential$/,
    others: running,
    run: (desk) => daily.huaweiSwrEnterpriseTemporary.issue(ofADay(desk), order),
    filler,
    gives: { ...made, expiresAt: '2026-01-16T09:30:00.000Z' },
  },
  {
    example: 'basic CreateSecret',
    to: /^POST \/v2\/manage\/utils\/secret\?/,
    run: (desk) => huaweiSwrTemporary.issue(temporary(desk), order),
    filler: pair,
    gives: {
      username: 'someone',
      password: 'password',
      registry: 'swr.ap-southeast-3.myhuaweicloud.com',
      expiresAt: '2026-01-15T15:30:00.000Z',
    },
  },
  {
    example: 'basic enhanced token (new IAM plane only)',
    to: /^POST \/v2\/manage\/utils\/authorizationtoken$/,
    run: (desk) => huaweiSwrTemporary.issue(temporary(desk, 'authorizationtoken'), order),
    now: '2024-12-25T11:22:51Z',
    filler: pair,
    gives: {
      username: 'someone',
      password: 'password',
      registry: 'swr.xxx',
      expiresAt: '2024-12-26T11:22:50.769Z',
    },
  },
  {
    example: 'basic API error',
    to: /^GET \/v2\/manage\/namespaces$/,
    run: (desk) => huaweiSwrTemporary.check(temporary(desk)),
    fails: 'admin-refused',
  },
  {
    example: 'IAM create AK',
    to: keys,
    run: (desk) => huaweiSwrAccessKey.issue(accessKey(desk), order),
    filler,
    gives: {
      id: key,
      username: `${region}@${key}`,
      password: createHmac('sha256', filler).update(key).digest('hex'),
      registry: 'swr.ap-southeast-3.myhuaweicloud.com',
    },
  },
  {
    example: 'IAM create AK: limit of 2 reached',
    to: keys,
    run: (desk) => huaweiSwrAccessKey.issue(accessKey(desk), order),
    fails: 'quota',
  },
  {
    example: 'IAM list AK (no pagination, no SK)',
    to: keys,
    run: (desk) => huaweiSwrAccessKey.find(accessKey(desk), { prefix: 'rotator' }),
    gives: [{ id: key, label: 'rotator prod/app', issuedAt: '2020-01-08T06:25:19.014Z' }],
  },
  {
    example: 'IAM show AK',
    notApplicable: 'the list returns every field that rekey reads; no provider reads a single key',
  },
  {
    example: 'IAM disable AK',
    to: keys,
    run: async (desk) => huaweiSwrAccessKey.enable?.(accessKey(desk), { id: key }, false),
  },
  {
    example: 'IAM delete AK',
    to: keys,
    run: (desk) => huaweiSwrAccessKey.revoke(accessKey(desk), { id: key }),
  },
  {
    example: challenge,
    to: /^GET \/v2\/$/,
    others: [[realm, ok({ token: 'opaque' })]],
    run: login,
    gives: 'accepted',
  },
  {
    example: 'registry bad credentials (basic edition)',
    to: realm,
    others: [[/^GET \/v2\/$/, challenge]],
    run: login,
    gives: 'refused',
  },
];

const Vectors = z.object({
  vectors: z.array(
    z.object({
      region: z.string(),
      ak: z.string(),
      sk: z.string(),
      username: z.string(),
      password: z.string(),
    }),
  ),
});

/**
 * The logins of huawei-swr-basic-longterm-login-vectors.json. Each is an example of a key that IAM
 * creates, and a replay of it.
 */
export function loginVectors(file: unknown): {
  readonly examples: readonly Example[];
  readonly replays: readonly Replay[];
} {
  const { vectors } = Vectors.parse(file);
  const name = (vector: (typeof vectors)[number]) => `${vector.region}@${vector.ak}`;
  return {
    examples: vectors.map((vector) => ({
      name: name(vector),
      response: {
        headers: {},
        ...ok({ credential: { access: vector.ak, secret: vector.sk } }, 201),
      } as Example['response'],
    })),
    replays: vectors.map((vector) => ({
      example: name(vector),
      to: keys,
      run: (desk) => huaweiSwrAccessKey.issue(accessKey(desk, vector.region), order),
      gives: { username: vector.username, password: vector.password },
    })),
  };
}
