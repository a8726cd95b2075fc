import { describe, expect, test } from 'vitest';
import type { Http, HttpRequest } from '../../lib/core/ports.ts';
import type { ProviderCall } from '../../lib/core/provider.ts';
import { Secret } from '../../lib/core/secret.ts';
import { quayOauthToken } from '../../lib/providers/quay-oauth-token.ts';
import { quayRobot } from '../../lib/providers/quay-robot.ts';
import { createRegistryCheck } from '../../lib/registry/check.ts';
import examples from './quay-examples.json' with { type: 'json' };

/* The bodies that Quay's own source builds, as they are: see `source` in quay-examples.json. */
interface Example {
  readonly status: number;
  readonly body?: unknown;
  readonly bodyText?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
const ROBOT = 'ci_r20260115a';
const LABEL = `rekey-acme-0123456789ab-${'0'.repeat(32)}`;

/** The same example about another robot, with other fields. */
const about = (example: Example, short: string, change: object = {}): Example => ({
  ...JSON.parse(JSON.stringify(example).replaceAll(ROBOT, short)),
  body: {
    ...(JSON.parse(JSON.stringify(example.body ?? {}).replaceAll(ROBOT, short)) as object),
    ...change,
  },
});

/**
 * Answers by the first route whose "METHOD /path" begins so; anything else is a mistake of the
 * test.
 */
function replay(routes: readonly (readonly [start: string, Example])[]): {
  http: Http;
  lines: string[];
} {
  const lines: string[] = [];
  const send: Http['send'] = async ({ method, url }: HttpRequest) => {
    const { pathname } = new URL(url);
    const line = `${method} ${pathname}`;
    lines.push(line);
    const found = routes.find(([start]) => line.startsWith(start))?.[1];
    if (!found) throw new Error(`nothing is recorded for ${line}`);
    const body = found.bodyText ?? (found.body === undefined ? '' : JSON.stringify(found.body));
    return { status: found.status, headers: found.headers ?? {}, body, retryAfter: undefined };
  };
  return { http: { send }, lines };
}

const callOf = <Params, Admin>(
  params: Params,
  admin: Admin,
  http: Http,
): ProviderCall<Params, Admin> => ({
  params,
  admin,
  endpoint: 'https://quay.io',
  registry: 'quay.io',
  http,
  now: () => new Date('2026-01-15T09:30:00Z'),
  signal: new AbortController().signal,
});
const robotCall = (http: Http) =>
  callOf(
    quayRobot.params.parse({ organization: 'acme', robot: ROBOT }),
    { token: new Secret('t') },
    http,
  );

const api = '/api/v1/organization/acme';
const prototypes = { status: 200, body: { prototypes: [examples.prototype.body] } };
const issuing: readonly (readonly [string, Example])[] = [
  [`PUT ${api}/robots/`, about(examples.create, LABEL, { description: LABEL })],
  [`GET ${api}/robots/`, about(examples.get, LABEL, { description: LABEL })],
  [`GET ${api}/robots`, examples.listWithPermissions],
  [`GET ${api}/prototypes`, prototypes],
  ['GET /api/v1/repository/acme/', examples.permission],
  ['PUT /api/v1/repository/acme/', examples.permission],
  [`PUT ${api}/team/ci/members/`, examples.team],
  [`POST ${api}/prototypes`, examples.prototype],
];
const instead = (start: string, example: Example) => [[start, example] as const, ...issuing];

describe('quay-robot takes what Quay’s source builds', () => {
  test('quay-robot issues from the answers that Quay’s source builds', async () => {
    const { http, lines } = replay(issuing);
    const { id, username, password, registry } = await quayRobot.issue(robotCall(http), {
      label: LABEL,
    });
    expect({ id, username, registry }).toEqual({
      id: LABEL,
      username: `acme+${LABEL}`,
      registry: 'quay.io',
    });
    expect(password.reveal()).toBe(examples.create.body.token);
    expect(lines).toEqual([
      `GET ${api}/robots`,
      `GET ${api}/prototypes`,
      `GET /api/v1/repository/acme/app/permissions/user/acme+${ROBOT}`,
      `GET /api/v1/repository/acme/worker/permissions/user/acme+${ROBOT}`,
      `PUT ${api}/robots/${LABEL}`,
      `PUT /api/v1/repository/acme/app/permissions/user/acme+${LABEL}`,
      `PUT /api/v1/repository/acme/worker/permissions/user/acme+${LABEL}`,
      `PUT ${api}/team/ci/members/acme+${LABEL}`,
      `POST ${api}/prototypes`,
    ]);
  });

  test('quay-robot adopts an existing robot from the answers of Quay’s source', async () => {
    const { http } = replay(instead(`PUT ${api}/robots/`, examples.duplicate));
    const { password } = await quayRobot.issue(robotCall(http), { label: LABEL });
    expect(password.reveal()).toBe(examples.get.body.token);
  });

  test.each([
    ['a bad name', instead(`PUT ${api}/robots/`, examples.badName), 'rejected'],
    ['robots that are disabled', instead(`PUT ${api}/robots/`, examples.disabled), 'rejected'],
    [
      'an OAuth token that is dead',
      instead(`GET ${api}/robots`, examples.unauthenticated),
      'admin-refused',
    ],
    ['one that has died meanwhile', instead(`PUT ${api}/robots/`, examples.csrf), 'admin-refused'],
    ['one without rights', instead(`PUT ${api}/robots/`, examples.forbidden), 'forbidden'],
    [
      'a permission that is gone',
      instead('GET /api/v1/repository/', examples.noPermission),
      'bad-answer',
    ],
  ] as const)(
    'quay-robot reads the refusal of Quay’s source for %s',
    async (_what, routes, code) => {
      const missing = [[`GET ${api}/robots/`, examples.missing] as const, ...routes];
      await expect(
        quayRobot.issue(robotCall(replay(missing).http), { label: LABEL }),
      ).rejects.toMatchObject({ code });
    },
  );

  test('quay-robot lists robots, and misses a deleted one, in Quay’s own answers', async () => {
    const { http } = replay([
      [`DELETE ${api}/robots/`, examples.delete],
      [`GET ${api}/robots/`, examples.missing],
      [`GET ${api}/robots`, about(examples.list, LABEL)],
    ]);
    expect(await quayRobot.find(robotCall(http), { prefix: 'rekey-' })).toEqual([]);
    await quayRobot.revoke(robotCall(http), { id: LABEL });
    const labelled = JSON.parse(
      JSON.stringify(about(examples.list, LABEL)).replace('rotator:prod/app slot=a', LABEL),
    ) as Example;
    expect(
      await quayRobot.find(robotCall(replay([[`GET ${api}/robots`, labelled]]).http), {
        prefix: 'rekey-',
      }),
    ).toMatchObject([{ id: LABEL, label: LABEL }]);
  });
});

describe('quay-oauth-token takes what Quay’s source builds', () => {
  const jwt = ['{"alg":"RS256"}', JSON.stringify(examples.token.claims), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
  const call = (token: Example) =>
    callOf(
      quayOauthToken.params.parse({ repository: 'acme/app' }),
      { username: 'acme+ci', password: new Secret('t') },
      replay([
        ['GET /v2/auth', token],
        ['GET /v2/', examples.challenge],
      ]).http,
    );

  test('quay-oauth-token issues until the time in the claims of Quay’s source', async () => {
    const credential = await quayOauthToken.issue(call({ status: 200, body: { token: jwt } }), {
      label: LABEL,
    });
    expect(credential).toMatchObject({
      username: 'acme+ci',
      registry: 'quay.io',
      expiresAt: new Date('2026-01-15T10:30:00Z'),
      bearer: { repository: 'acme/app' },
    });
    expect(credential.password.reveal()).toBe(jwt);
  });

  test.each(['wrongPassword', 'deletedRobot'] as const)(
    'quay-oauth-token reads the refused login of Quay’s source (%s)',
    async (name) => {
      await expect(
        quayOauthToken.issue(call(examples[name]), { label: LABEL }),
      ).rejects.toMatchObject({ code: 'admin-refused' });
    },
  );

  test('quay-oauth-token refuses the answer of Quay’s source without a token', async () => {
    await expect(
      quayOauthToken.issue(call(examples.token), { label: LABEL }),
    ).rejects.toMatchObject({ code: 'bad-answer' });
  });
});

test('quay: the registry refuses a deleted robot', async () => {
  const { http } = replay([
    ['GET /v2/auth', examples.deletedRobot],
    ['GET /v2/', examples.challenge],
  ]);
  const question = {
    registry: 'quay.io',
    username: 'acme+ci',
    password: new Secret('t'),
    realms: [],
  };
  expect(
    await createRegistryCheck({ http, now: () => new Date(0) }).check(
      question,
      new AbortController().signal,
    ),
  ).toEqual({
    outcome: 'refused',
  });
});
