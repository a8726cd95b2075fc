import { randomUUID } from 'node:crypto';
import { DAY, plus } from '../../../lib/core/time.ts';
import { harborRobot } from '../../../lib/providers/harbor-robot.ts';
import { createSimulatedHarbor } from '../../../lib/sandbox/vendors/harbor/index.ts';
import { answers, type Direct, fails, holds, play } from './record.ts';

const prefix = 'rekey-fleet-0123456789ab-';
const labelled = () => `${prefix}${randomUUID().replaceAll('-', '')}`;
const scene = {
  provider: harborRobot,
  vendor: createSimulatedHarbor,
  registry: 'harbor.example.com',
};
const UNKNOWN = '999';

export const driveHarbor = () =>
  play(scene, async ({ vendor, clock, exchanges, call, ask }) => {
    const { behaviour } = vendor;
    const expiresAt = plus(clock.now(), 30 * DAY);

    await harborRobot.check(call());
    const label = labelled();
    const credential = await harborRobot.issue(call(), { label, expiresAt });
    await harborRobot.issue(call({ params: { actions: ['pull', 'push'] } }), { label: labelled() });
    await fails('conflict', harborRobot.issue(call(), { label }));
    behaviour.secretless = true;
    await fails('bad-answer', harborRobot.issue(call(), { label: labelled() }));
    behaviour.secretless = false;

    for (let number = 0; number < 150; number++) vendor.plant(labelled());
    holds(
      (await harborRobot.find(call(), { prefix })).length === 152,
      '152 robots found by their label',
    );
    holds(exchanges.at(-1)?.query.endsWith('page=2&page_size=100') === true, 'a second page');
    holds((await harborRobot.find(call(), { label })).length === 1, 'one robot found by its label');
    await harborRobot.enable(call(), credential, false);
    await harborRobot.enable(call(), credential, true);
    await harborRobot.enable(call(), { id: UNKNOWN }, false);
    await fails('not-found', harborRobot.enable(call(), { id: UNKNOWN }, true));
    await harborRobot.revoke(call(), credential);
    await harborRobot.revoke(call(), credential);

    const { username, password } = JSON.parse(vendor.admin) as Record<string, string>;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const { id } = vendor.plant('planted');
    const all = Object.values(questions(id, authorization));
    const { show, refresh, update } = questions(id, authorization);
    await answers(200, ask(show));
    await answers(200, ask(refresh));
    await answers(400, ask({ ...update, body: {} }));
    for (const question of all)
      await answers(401, ask({ ...question, authorization: 'Basic eA==' }));
    behaviour.admin = 'member';
    for (const question of all) await answers(403, ask(question));
    behaviour.admin = 'admin';

    await fails('not-found', harborRobot.find(call({ params: { project: 'other' } }), { prefix }));
    await fails(
      'admin-refused',
      harborRobot.check(call({ admin: { username: 'rekey', password: 'wrong' } })),
    );
  });

/** Every call that the simulation supports, for one robot. */
function questions(id: string, authorization: string) {
  const robots = '/api/v2.0/robots';
  const path = `${robots}/${id}`;
  const access = [{ resource: 'repository', action: 'pull' }];
  const body = {
    name: 'robot$team-a+planted',
    description: '',
    level: 'project',
    duration: -1,
    disable: false,
    permissions: [{ kind: 'project', namespace: 'team-a', access }],
  };
  const list = `${robots}?q=${encodeURIComponent('Level=project,ProjectID=7')}`;
  return {
    project: { method: 'GET', path: '/api/v2.0/projects/team-a', authorization },
    list: { method: 'GET', path: list, authorization },
    create: { method: 'POST', path: robots, body: { ...body, name: labelled() }, authorization },
    show: { method: 'GET', path, authorization },
    update: { method: 'PUT', path, body, authorization },
    refresh: { method: 'PATCH', path, body: { secret: '' }, authorization },
    remove: { method: 'DELETE', path, authorization },
  } as const satisfies Readonly<Record<string, Direct>>;
}
