import { Secret } from '../../../lib/core/secret.ts';
import { quayOauthToken } from '../../../lib/providers/quay-oauth-token.ts';
import { quayRobot } from '../../../lib/providers/quay-robot.ts';
import { createRegistryCheck } from '../../../lib/registry/check.ts';
import { type Answer, type Desk, type Example, type Replay, strict } from './replay.ts';

const label = 'ci_r20260115a';
const other = 'ci_r20260115b';
const token = 'T'.repeat(64);
const robot = ({ call }: Desk, name = 'ci') =>
  call(quayRobot, { organization: 'acme', robot: name }, { token: 'management-token' });
const issue = (desk: Desk) => quayRobot.issue(robot(desk), { label });
/** Issues a robot with the rights of the one in the examples. */
const takeOver = (desk: Desk) => quayRobot.issue(robot(desk, label), { label: other });
const fetchToken = ({ call }: Desk) =>
  quayOauthToken.issue(
    call(quayOauthToken, { repository: 'acme/app' }, { username: 'acme+ci', password: 'token' }),
    { label },
  );

const ok = (body: unknown, status = 200): Answer => ({ status, body });
const list = /^GET \/api\/v1\/organization\/acme\/robots\?/;
const one = /^GET \/api\/v1\/organization\/acme\/robots\/[^/?]+$/;
const create = /^PUT \/api\/v1\/organization\/acme\/robots\/[^/]+$/;
const remove = /^DELETE \/api\/v1\/organization\/acme\/robots\/[^/]+$/;
const role = /^GET \/api\/v1\/repository\/acme\/\w+\/permissions\/user\//;
const grant = /^PUT \/api\/v1\/repository\/acme\/\w+\/permissions\/user\//;
const join = /^PUT \/api\/v1\/organization\/acme\/team\/ci\/members\//;
const prototypes = /^GET \/api\/v1\/organization\/acme\/prototypes$/;
const prototype = /^POST \/api\/v1\/organization\/acme\/prototypes$/;
const ping = /^GET \/v2\/$/;
const auth = /^GET \/v2\/auth\?/;

const template = { name: 'acme+ci', description: 'by hand', repositories: [], teams: [] };
const bare = [
  [list, ok({ robots: [template] })],
  [prototypes, ok({ prototypes: [] })],
] as const;
const gone = 'get/regenerate/delete missing robot';
/** All answers about a robot that copies the rights of another one. */
const rights = [
  [list, 'list org robots with permissions'],
  [
    prototypes,
    ok({ prototypes: [{ role: 'write', delegate: { name: `acme+${label}`, kind: 'user' } }] }),
  ],
  [role, 'grant repo permission'],
  [create, ok({ name: `acme+${other}`, token, description: other }, 201)],
  [grant, 'grant repo permission'],
  [join, 'add robot to team'],
  [prototype, 'create prototype (default permission)'],
] as const;
const issued = { id: other, username: `acme+${other}`, password: token, registry: 'quay.io' };
const forOther = 'it is made for the issued robot, not for the one in the example';

/** The registry's verdict on a robot's login. */
const login = async ({ http, signal }: Desk) => {
  const question = {
    registry: 'quay.io',
    username: 'acme+ci',
    password: new Secret('wrong'),
    realms: [],
  };
  return (
    await createRegistryCheck({ http: strict(http), now: () => new Date(0) }).check(
      question,
      signal,
    )
  ).outcome;
};

/** The example's token with its claims, unsigned: only the registry checks the signature. */
const claims = {
  sub: 'acme+ci',
  exp: 1_768_473_000,
  access: [{ type: 'repository', name: 'acme/app', actions: ['pull'] }],
};
const jwt = ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'c2lnbmVk'].join(
  '.',
);
const holdsClaims = ({ jwtClaims }: Example): boolean =>
  Object.entries(claims).every(
    ([name, claim]) => JSON.stringify(Object(jwtClaims)[name]) === JSON.stringify(claim),
  );

/** Every example of quay-examples.json. */
export const quayReplays: readonly Replay[] = [
  {
    example: 'create org robot',
    to: create,
    others: bare,
    run: issue,
    gives: {
      username: `acme+${label}`,
      password: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ01',
    },
    asksOtherwise: 'the metadata belongs to the client',
  },
  {
    example: 'create org robot, duplicate (current code)',
    to: create,
    others: [...bare, [one, 'get org robot']],
    run: issue,
    fails: 'conflict',
  },
  {
    example: 'create org robot, bad name',
    to: create,
    others: [...bare, [one, gone]],
    run: issue,
    fails: 'rejected',
  },
  {
    example: 'create org robot, robots disabled',
    to: create,
    others: [...bare, [one, gone]],
    run: issue,
    fails: 'rejected',
  },
  {
    // the description is not one of rekey's
    example: 'get org robot',
    to: one,
    others: [...bare, [create, 'create org robot, duplicate (current code)']],
    run: issue,
    fails: 'conflict',
  },
  {
    example: gone,
    to: new RegExp(`${one.source}|${remove.source}`),
    run: (desk) => quayRobot.revoke(robot(desk), { id: label }),
  },
  // the description differs from the name, so none of them belongs to rekey
  {
    example: 'list org robots (no pagination)',
    to: list,
    run: (desk) => quayRobot.find(robot(desk), { prefix: 'ci' }),
    gives: [],
  },
  {
    example: 'list org robots with permissions',
    to: list,
    others: rights,
    run: takeOver,
    gives: issued,
  },
  {
    example: 'robot permissions',
    notApplicable:
      'needs user:admin; the list of robots and the permissions of each repository return the same',
  },
  {
    example: 'grant repo permission',
    to: grant,
    others: rights,
    run: takeOver,
    gives: issued,
    asksOtherwise: forOther,
  },
  { example: 'permission absent', to: role, others: rights, run: takeOver, fails: 'bad-answer' },
  {
    example: 'add robot to team',
    to: join,
    others: rights,
    run: takeOver,
    gives: issued,
    asksOtherwise: forOther,
  },
  {
    example: 'create prototype (default permission)',
    to: prototype,
    others: rights,
    run: takeOver,
    gives: issued,
  },
  {
    example: 'regenerate',
    notApplicable: 'ends the live token at once; each rotation issues another robot instead',
  },
  {
    example: 'delete robot',
    to: remove,
    others: [[one, gone]],
    run: (desk) => quayRobot.revoke(robot(desk), { id: label }),
  },
  {
    example: 'GET with missing/expired OAuth token',
    to: list,
    run: (desk) => quayRobot.check(robot(desk)),
    fails: 'admin-refused',
  },
  {
    example: 'PUT/POST/DELETE with missing/expired OAuth token (source)',
    to: create,
    others: bare,
    run: issue,
    fails: 'admin-refused',
  },
  {
    example: 'OAuth token lacks scope, or not org admin, or org unknown',
    to: list,
    run: (desk) => quayRobot.check(robot(desk)),
    fails: 'forbidden',
  },
  {
    example: 'challenge',
    to: ping,
    others: [[auth, ok({ token: jwt })]],
    run: login,
    gives: 'accepted',
  },
  {
    example: 'token, robot',
    to: auth,
    others: [[ping, 'challenge']],
    filler: jwt,
    run: async (desk, example) => holdsClaims(example) && fetchToken(desk),
    gives: {
      username: 'acme+ci',
      password: jwt,
      expiresAt: '2026-01-15T10:30:00.000Z',
      bearer: { repository: 'acme/app' },
    },
  },
  {
    example: 'token, wrong robot password',
    to: auth,
    others: [[ping, 'challenge']],
    run: login,
    gives: 'refused',
  },
  {
    example: 'token, deleted robot',
    to: auth,
    others: [[ping, 'challenge']],
    run: fetchToken,
    fails: 'admin-refused',
  },
  {
    example: 'app token create',
    notApplicable: 'an app token has all rights of its user: no provider issues one',
  },
  { example: 'app token list', notApplicable: 'as above' },
  { example: 'app token revoke missing', notApplicable: 'as above' },
  {
    example: 'oauth application token create (Quay >= 3.18)',
    notApplicable: 'the management token of an admin, not a registry login: no provider issues one',
  },
];
