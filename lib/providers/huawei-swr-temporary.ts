import { createHash } from 'node:crypto';
import * as z from 'zod';
import { RekeyError } from '../core/errors.ts';
import type { ProviderCall } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import { DAY, HOUR, SECOND } from '../core/time.ts';
import type { Meanings } from '../http/answer.ts';
import { anyObject, defineProvider, LIST_BYTES } from './common.ts';
import { read } from './huawei/answer.ts';
import { Admin, ask, located, place, projectId, projectName, realms } from './huawei/api.ts';
import { expiry } from './huawei/expiry.ts';

const Params = z
  .strictObject({
    ...place,
    kind: z
      .enum(['secret', 'authorizationtoken'])
      .default('secret')
      .describe(
        'secret: lives 6 hours. authorizationtoken: lives a day, on the new IAM plane only.',
      ),
    projectName: projectName
      .optional()
      .describe('Project that a secret is for. Default: the region’s own.'),
    projectId: projectId
      .optional()
      .describe('Id of that project, where it is not the region’s own.'),
    durationSeconds: z
      .number('a number of seconds')
      .int('a whole number of seconds')
      .min(900, 'at least 900')
      .max(86_400, 'at most 86400')
      .optional()
      .describe('How long a secret lives, in regions that know duration_seconds.'),
  })
  .refine(({ kind, durationSeconds }) => kind === 'secret' || durationSeconds === undefined, {
    path: ['durationSeconds'],
    message: 'nothing: an authorizationtoken lives a day',
  });
type Params = z.output<typeof Params>;
type Call = ProviderCall<Params, z.output<typeof Admin>>;

const Docker = z.object({ auths: z.record(z.string(), z.unknown()) });
const Entry = z.object({ auth: z.string() });

/**
 * Temporary logins of Huawei Cloud SWR's basic edition. They cannot be ended before they expire,
 * and are in no list. Source: support.huaweicloud.com api-swr swr_02_0052 (2026-02-05) and
 * swr_02_0058.
 */
export const huaweiSwrTemporary = defineProvider({
  name: 'huawei-swr-temporary',
  capabilities: {
    list: false,
    disable: false,
    expiry: false,
    liveAtOnce: Infinity,
    username: 'provider',
    readAgain: false,
  },
  params: Params,
  admin: Admin,
  endpoint: 'https://swr-api.{region}.{suffix}',
  realms,
  place: (params) => [
    located('{region}.{suffix}', params),
    params.projectName ?? params.region,
    params.projectId ?? '',
  ],
  lifetime,

  async check(call) {
    const doing = 'huawei-swr-temporary: list the organizations';
    const answer = await ask(doing, call, {
      method: 'GET',
      path: '/v2/manage/namespaces',
      headers: scope(call),
      idempotent: true,
      maxBytes: LIST_BYTES,
    });
    // signed well: to issue a login is another right, which cannot be looked at without issuing one
    if (answer.status !== 403) read(doing, answer, anyObject, meanings);
  },

  async issue(call) {
    const doing = 'huawei-swr-temporary: create the login';
    const question = {
      method: 'POST',
      path: pathOf(call.params),
      headers: scope(call),
      idempotent: false,
    } as const;
    const answer = await ask(doing, call, question);
    const { auths } = read(doing, answer, Docker, meanings);
    const { registry, username, password } = login(doing, auths);
    const expiresAt = expiry(answer.headers['x-swr-expireat'], call.now(), lifetime(call.params));
    return {
      id: idOf(username, password),
      username,
      password: new Secret(password),
      registry,
      expiresAt,
    };
  },

  find: async () => [],
});

const meanings: Meanings = {
  400: [
    'rejected',
    'Huawei Cloud does not take the request; check region, projectName, kind and durationSeconds in the params of the fleet file',
  ],
  401: [
    'admin-refused',
    'Huawei Cloud refuses the access key; put a valid accessKey and secretKey into the admin secret',
  ],
  403: [
    'forbidden',
    'the IAM user of the admin secret may not make logins; grant it the action that the kind needs',
  ],
  404: [
    'not-found',
    'this region has no such call; check region and kind in the params of the fleet file',
  ],
  429: [
    'throttled',
    'too many calls with the access key of the admin secret; rekey waits and tries again',
  ],
};

function lifetime({ kind, durationSeconds }: Params): number {
  if (kind === 'authorizationtoken') return DAY;
  return durationSeconds === undefined ? 6 * HOUR : durationSeconds * SECOND;
}

/** `duration_seconds` is sent only where it is wanted: not every region knows it. */
function pathOf({ kind, region, projectName = region, durationSeconds }: Params): string {
  if (kind === 'authorizationtoken') return '/v2/manage/utils/authorizationtoken';
  const duration = durationSeconds === undefined ? '' : `&duration_seconds=${durationSeconds}`;
  return `/v2/manage/utils/secret?projectname=${projectName}${duration}`;
}

const scope = ({ params }: Call): Record<string, string> =>
  params.projectId ? { 'x-project-id': params.projectId } : {};

/** The login in a `config.json` for Docker. The headers hold it too, as a command line. */
function login(doing: string, auths: Readonly<Record<string, unknown>>) {
  for (const [registry, entry] of Object.entries(auths)) {
    const pair = Buffer.from(Entry.safeParse(entry).data?.auth ?? '', 'base64').toString('utf8');
    const [, username, password] = /^([^:\s]+):(\S+)$/.exec(pair) ?? [];
    if (username && password && /^[A-Za-z0-9.-]+(:\d+)?$/.test(registry))
      return { registry, username, password };
  }
  throw new RekeyError(
    'bad-answer',
    `${doing}: the answer's "auths" holds no login for a registry`,
  );
}

/** Huawei gives it no id. The user name alone would not do: it may be that of the one before. */
const idOf = (username: string, password: string): string =>
  createHash('sha256').update(`${username}:${password}`).digest('hex').slice(0, 32);
