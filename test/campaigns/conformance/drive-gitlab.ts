import { randomUUID } from 'node:crypto';
import { DAY, plus } from '../../../lib/core/time.ts';
import { gitlabDeployToken } from '../../../lib/providers/gitlab-deploy-token.ts';
import { createSimulatedGitlab } from '../../../lib/sandbox/vendors/gitlab/index.ts';
import { answers, type Direct, fails, holds, play } from './record.ts';

const prefix = 'rekey-fleet-0123456789ab-';
const labelled = () => `${prefix}${randomUUID().replaceAll('-', '')}`;
const scene = {
  provider: gitlabDeployToken,
  vendor: createSimulatedGitlab,
  registry: 'registry.gitlab.com',
};
const group = { project: undefined, group: 'team' };
const UNKNOWN = '999';

export const driveGitlab = () =>
  play(scene, async ({ vendor, clock, exchanges, call, ask }) => {
    const { behaviour } = vendor;
    const expiresAt = plus(clock.now(), 30 * DAY);

    for (const params of [{}, group]) {
      await gitlabDeployToken.check(call({ params }));
      const label = labelled();
      const credential = await gitlabDeployToken.issue(call({ params }), { label, expiresAt });
      const scopes = ['read_registry', 'write_registry'];
      await gitlabDeployToken.issue(call({ params: { ...params, scopes } }), { label: labelled() });
      holds(
        (await gitlabDeployToken.find(call({ params }), { prefix })).length === 2,
        'two tokens found by their label',
      );
      await gitlabDeployToken.revoke(call({ params }), credential);
      await gitlabDeployToken.revoke(call({ params }), credential);
    }
    behaviour.secretless = true;
    await fails('bad-answer', gitlabDeployToken.issue(call(), { label: labelled() }));
    behaviour.secretless = false;
    for (let number = 0; number < 150; number++) vendor.plant(`stranger-${number}`);
    await gitlabDeployToken.find(call(), { prefix });
    holds(exchanges.at(-1)?.query === 'page=2&per_page=100', 'a second page');

    const { token } = JSON.parse(vendor.admin) as { token: string };
    const { id } = vendor.plant('planted');
    const all = Object.values(questions(id, token));
    await answers(200, ask(questions(id, token).show));
    await answers(400, ask({ ...questions(id, token).create, body: {} }));
    await answers(404, ask(questions(UNKNOWN, token).show));
    for (const question of all) await answers(401, ask({ ...question, authorization: 'Bearer x' }));
    behaviour.scope = 'read_api';
    await fails('forbidden', gitlabDeployToken.issue(call(), { label: labelled() }));
    behaviour.scope = 'api';
    behaviour.role = 'developer';
    for (const question of all) await answers(403, ask(question));
    behaviour.role = 'owner';

    const other = call({ params: { project: 'team/other' } });
    await fails('not-found', gitlabDeployToken.find(other, { prefix }));
    await fails('not-found', gitlabDeployToken.revoke(other, { id }));
    await fails('admin-refused', gitlabDeployToken.check(call({ admin: { token: 'wrong' } })));
  });

/** Every call that the simulation supports, for one token. */
function questions(id: string, token: string) {
  const tokens = '/api/v4/projects/4711/deploy_tokens';
  const path = `${tokens}/${id}`;
  const authorization = `Bearer ${token}`;
  const body = { name: labelled(), scopes: ['read_registry'] };
  return {
    list: { method: 'GET', path: `${tokens}?active=true&page=1&per_page=100`, authorization },
    create: { method: 'POST', path: tokens, body, authorization },
    show: { method: 'GET', path, authorization },
    remove: { method: 'DELETE', path, authorization },
  } as const satisfies Readonly<Record<string, Direct>>;
}
