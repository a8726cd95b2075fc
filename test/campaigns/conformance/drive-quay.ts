import { randomUUID } from 'node:crypto';
import { quayRobot } from '../../../lib/providers/quay-robot.ts';
import { htmlPage } from '../../../lib/sandbox/faults.ts';
import { createSimulatedQuayRobot } from '../../../lib/sandbox/vendors/quay/index.ts';
import { answers, type Direct, fails, holds, play } from './record.ts';

const prefix = 'rekey-fleet-0123456789ab-';
const labelled = () => `${prefix}${randomUUID().replaceAll('-', '')}`;
const scene = { provider: quayRobot, vendor: createSimulatedQuayRobot, registry: 'quay.io' };

export const driveQuay = () =>
  play(scene, async ({ vendor, call, ask }) => {
    const { behaviour, faults, params } = vendor;
    const org = String(params.organization);

    await quayRobot.check(call());
    const label = labelled();
    const first = await quayRobot.issue(call(), { label });
    // a repeat adopts the robot; another robot copies its rights
    await quayRobot.issue(call(), { label });
    const second = await quayRobot.issue(call(), { label: labelled(), predecessor: first.id });
    behaviour.secretless = true;
    await quayRobot.issue(call(), { label: labelled() });
    behaviour.secretless = false;
    // made by hand, so rekey must not adopt it
    await fails('conflict', quayRobot.issue(call(), { label: String(params.robot) }));
    holds(
      (await quayRobot.find(call(), { prefix })).length === 3,
      'three robots found by their label',
    );
    await quayRobot.revoke(call(), first);
    await quayRobot.revoke(call(), first);
    behaviour.deleteSwallowed = true;
    await fails('provider-failed', quayRobot.revoke(call(), second));
    behaviour.deleteSwallowed = false;
    behaviour.mirrored = true;
    await fails('rejected', quayRobot.revoke(call(), second));
    behaviour.mirrored = false;
    behaviour.robotsDisabled = true;
    await fails('rejected', quayRobot.issue(call(), { label: labelled() }));
    behaviour.robotsDisabled = false;
    // the lists show a deleted repository until its garbage is collected
    vendor.model.discard('worker', '84c6a974-612f-4ddc-a6ca-cdc9be2cc07a');
    await quayRobot.issue(call(), { label: labelled() });

    const authorization = `Bearer ${(JSON.parse(vendor.admin) as { token: string }).token}`;
    const { id: robot } = vendor.plant('somebody-elses');
    const ours = questions(org, robot, authorization);
    const { list, show, prototypes, members, grant, role, withdraw, join, add, remove, create } =
      ours;
    for (const question of [list, show, prototypes, members, grant, role, join, add])
      await answers(200, ask(question));
    // Quay answers 400 both for an existing object and for a missing one
    for (const question of [join, create]) await answers(400, ask(question));
    await answers(204, ask(withdraw));
    for (const question of [role, withdraw]) await answers(400, ask(question));
    await answers(204, ask(remove));
    for (const question of [show, grant, role, withdraw, join, add, remove])
      await answers(400, ask(question));
    await answers(201, ask(create));
    for (const question of [members, join, grant, role, withdraw]) {
      const path = question.path.replace('/builders/', '/none/').replace('/app/', '/none/');
      await answers(404, ask({ ...question, path }));
    }
    for (const question of Object.values(questions('elsewhere', robot, authorization)))
      await answers(403, ask(question));

    const all = Object.values(ours);
    const writes = all.filter(({ method }) => method !== 'GET');
    for (const csrfField of ['error', 'message'] as const) {
      behaviour.csrfField = csrfField;
      for (const question of all) {
        await answers(
          question.method === 'GET' ? 401 : 403,
          ask({ ...question, authorization: 'Bearer wrong' }),
        );
      }
    }
    behaviour.readOnly = true;
    for (const question of writes) await answers(503, ask(question));
    behaviour.readOnly = false;
    faults.next(/./, htmlPage(429), all.length);
    for (const question of all) await answers(429, ask(question));

    await fails('admin-refused', quayRobot.check(call({ admin: { token: 'wrong' } })));
    await fails('forbidden', quayRobot.check(call({ params: { organization: 'elsewhere' } })));
    await fails('not-found', quayRobot.check(call({ params: { robot: 'nobody' } })));
    behaviour.orgAdmin = false;
    await fails('forbidden', quayRobot.issue(call(), { label: labelled() }));
    behaviour.orgAdmin = true;
    behaviour.repoAdmin = false;
    await fails('forbidden', quayRobot.check(call()));
  });

/** Every call that the simulation supports, for one robot of an organization. */
function questions(organization: string, robot: string, authorization: string) {
  const root = `/api/v1/organization/${organization}`;
  const name = `${organization}+${robot}`;
  const user = encodeURIComponent(name);
  const one = `${root}/robots/${robot}`;
  const permission = `/api/v1/repository/${organization}/app/permissions/user/${user}`;
  const team = `${root}/team/builders/members`;
  const prototype = { role: 'read', delegate: { name, kind: 'user' }, activating_user: { name } };
  return {
    list: {
      method: 'GET',
      path: `${root}/robots?permissions=true&token=true&limit=5`,
      authorization,
    },
    show: { method: 'GET', path: one, authorization },
    prototypes: { method: 'GET', path: `${root}/prototypes`, authorization },
    members: { method: 'GET', path: team, authorization },
    grant: { method: 'PUT', path: permission, body: { role: 'read' }, authorization },
    role: { method: 'GET', path: permission, authorization },
    withdraw: { method: 'DELETE', path: permission, authorization },
    join: { method: 'PUT', path: `${team}/${user}`, authorization },
    add: { method: 'POST', path: `${root}/prototypes`, body: prototype, authorization },
    remove: { method: 'DELETE', path: one, authorization },
    create: { method: 'PUT', path: one, body: { description: '' }, authorization },
  } as const satisfies Readonly<Record<string, Direct>>;
}
