import { describe, expect, test } from 'vitest';
import { addressOf } from '../../lib/core/provider.ts';
import { DAY, HOUR, plus } from '../../lib/core/time.ts';
import {
  labelled,
  manualClock,
  openWorld,
  prefix,
  testProvider,
} from '../../lib/kit/testing/index.ts';
import { gitlabDeployToken } from '../../lib/providers/gitlab-deploy-token.ts';
import { createSimulatedGitlab } from '../../lib/sandbox/vendors/gitlab/index.ts';

const subject = {
  provider: gitlabDeployToken,
  vendor: createSimulatedGitlab,
  create: /^POST .*\/deploy_tokens$/,
  list: /^GET .*\/deploy_tokens$/,
  remove: /^DELETE .*\/deploy_tokens\/\d+$/,
  unknownId: '999',
  place: {
    moves: [
      { project: 'team/other' },
      { project: undefined, group: 'team/app' },
      { endpoint: 'https://gitlab.example.com', registry: 'registry.example.com' },
    ],
    stays: [{ scopes: ['read_registry', 'write_registry'] }, { project: 'Team/App' }],
  },
};
const open = () => openWorld(subject);
const ofGroup = { project: undefined, group: 'team' };

testProvider('gitlab-deploy-token', subject);

describe('gitlab-deploy-token', () => {
  test('gitlab-deploy-token puts the label into the username, the time into the name', async () => {
    const world = await open();
    const label = labelled();
    expect((await world.issue(label)).username).toBe(label);
    const dumped = JSON.stringify(world.vendor.dump());
    expect(dumped).toContain(`"name":"${label} ${world.clock.now().toISOString()}"`);
  });

  test('gitlab-deploy-token finds a token without a time in its name', async () => {
    const world = await open();
    const { endpoint, admin } = world.call();
    const [username, scopes] = [labelled(), ['read_registry']];
    for (const name of ['by hand', 'by'])
      await fetch(`${endpoint}/api/v4/projects/4711/deploy_tokens`, {
        method: 'POST',
        headers: { 'private-token': admin.token.reveal() },
        body: JSON.stringify({ name, username, scopes }),
      });
    expect(await gitlabDeployToken.find(world.call(), { prefix })).toMatchObject([
      { label: username, issuedAt: undefined },
      { label: username, issuedAt: undefined },
    ]);
  });

  test.each([
    ['to the end of the day if five hours are requested', 5 * HOUR, DAY],
    ['to midnight if midnight is requested', 2 * DAY, 2 * DAY],
    ['to the end of the next day if a millisecond after midnight is requested', DAY + 1, 2 * DAY],
  ])('gitlab-deploy-token issues a token that lives %s', async (_what, wanted, given) => {
    const world = await open();
    const [label, expiresAt] = [labelled(), plus(world.clock.now(), wanted)];
    const credential = await gitlabDeployToken.issue(world.call(), { label, expiresAt });
    expect(credential.expiresAt).toEqual(plus(world.clock.now(), given));
    world.clock.advance(given - 1);
    expect(await world.verdict(credential)).toBe('accepted');
    expect(await gitlabDeployToken.find(world.call(), { label })).toHaveLength(1);
    world.clock.advance(1);
    expect(await world.verdict(credential)).toBe('refused');
  });

  test('gitlab-deploy-token issues a token without an end if none is requested', async () => {
    const world = await open();
    const credential = await world.issue();
    expect(credential.expiresAt).toBeUndefined();
    world.clock.advance(1000 * DAY);
    expect(await world.verdict(credential)).toBe('accepted');
  });

  test('gitlab-deploy-token separates the tokens of a project and its group', async () => {
    const world = await open();
    const group = world.call({ params: ofGroup });
    const credential = await gitlabDeployToken.issue(group, { label: labelled() });
    expect(await world.verdict(credential)).toBe('accepted');
    expect(await gitlabDeployToken.find(world.call(), { prefix })).toEqual([]);
    expect(await gitlabDeployToken.find(group, { prefix })).toHaveLength(1);
    await gitlabDeployToken.revoke(group, credential);
    expect(world.alive()).toEqual([]);
  });
});

describe('gitlab-deploy-token: a revocation that GitLab answers with 404', () => {
  test('gitlab-deploy-token counts a 404 as revoked if the project can be read', async () => {
    const world = await open();
    await gitlabDeployToken.revoke(world.call(), { id: '999' });
    expect(world.vendor.requests.at(-1)).toBe('GET /api/v4/projects/team%2Fapp/deploy_tokens');
  });

  test('gitlab-deploy-token does not count a 404 as revoked if the project is hidden', async () => {
    const world = await open();
    const { id } = await world.issue();
    const call = world.call({ params: { project: 'team/other' } });
    await expect(gitlabDeployToken.revoke(call, { id })).rejects.toMatchObject({
      code: 'not-found',
      retryable: false,
    });
    expect(world.alive()).toEqual([id]);
  });
});

describe('gitlab-deploy-token: the admin', () => {
  test.each([
    ['a token that only reads', { scope: 'read_api' }, {}],
    ['a developer', { role: 'developer' }, {}],
    ['a maintainer of the group', { role: 'maintainer' }, ofGroup],
  ] as const)(
    'gitlab-deploy-token refuses an admin that is %s, with advice',
    async (_what, change, params) => {
      const world = await open();
      Object.assign(world.vendor.behaviour, change);
      const call = world.call({ params });
      await expect(gitlabDeployToken.issue(call, { label: labelled() })).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringMatching(/scope api and the role Maintainer .* Owner/),
      });
    },
  );

  test('gitlab-deploy-token accepts a maintainer of the project as admin', async () => {
    const world = await open();
    world.vendor.behaviour.role = 'maintainer';
    await gitlabDeployToken.check(world.call());
    await gitlabDeployToken.revoke(world.call(), await world.issue());
  });
});

test('gitlab-deploy-token sends the path of a project as one segment of the URL', async () => {
  const world = await open();
  await world.issue();
  expect(world.vendor.requests).toEqual(['POST /api/v4/projects/team%2Fapp/deploy_tokens']);
});

test('gitlab-deploy-token sends a password to the token server at GitLab only', () => {
  const own = { endpoint: 'https://gitlab.example.com', registry: 'gitlab.example.com:5050' };
  const at = (more: object, other?: object) =>
    addressOf(
      gitlabDeployToken,
      gitlabDeployToken.params.parse({ project: 'a/b', ...more }),
      other,
    );
  const [endpoint, registry] = ['https://gitlab.com', 'registry.gitlab.com'];
  expect(at({})).toEqual({ endpoint, registry, realms: ['gitlab.com'] });
  expect(at(own)).toEqual({ ...own, realms: ['gitlab.example.com'] });
  const api = 'http://127.0.0.1:8080';
  expect(at(own, { api })).toEqual({ ...own, endpoint: api, realms: ['127.0.0.1:8080'] });
});

test('gitlab-deploy-token makes two calls to the API for a rotation', async () => {
  const world = await open();
  await gitlabDeployToken.find(world.call(), { prefix });
  await world.verdict(await world.issue());
  expect(world.vendor.requests).toEqual([
    'GET /api/v4/projects/team%2Fapp/deploy_tokens',
    'POST /api/v4/projects/team%2Fapp/deploy_tokens',
    'GET /v2/',
    'GET /jwt/auth',
    'GET /jwt/auth',
  ]);
});

test.each([
  ['neither project nor group', { project: undefined }],
  ['both project and group', { group: 'team' }],
  ['a path that begins with a slash', { project: '/team/app' }],
  ['a path with a dot at its beginning', { project: 'team/.app' }],
  ['no scopes', { scopes: [] }],
  ['a scope that is not about images', { scopes: ['read_repository'] }],
  ['an endpoint alone', { endpoint: 'https://gitlab.example.com' }],
  ['a registry alone', { registry: 'registry.example.com' }],
  ['a registry that is a URL', { endpoint: 'https://a.example', registry: 'https://b.example' }],
])('gitlab-deploy-token refuses parameters with %s', (_what, change) => {
  const { params } = createSimulatedGitlab({ clock: manualClock() });
  expect(gitlabDeployToken.params.safeParse({ ...params, ...change }).success).toBe(false);
});
