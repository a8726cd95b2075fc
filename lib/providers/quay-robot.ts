import * as z from 'zod';
import { defineProvider } from '../core/provider.ts';
import { advice, registryOf, select } from './client/index.ts';
import { tokenAdmin } from './client/schemas.ts';
import { endpointParam, QUAY, quayAddress, quayName } from './quay/address.ts';
import { type Call, missing, quayApi } from './quay/api.ts';
import { exceeds, grant, rightsOf, roleIn } from './quay/rights.ts';
import {
  adoptRobot,
  createRobot,
  type Robot,
  robotNamed,
  robots,
  robotsPath,
  usernameOf,
} from './quay/robots.ts';

const shortName = quayName('the short name of a robot', 255);
const Params = z.strictObject({
  endpoint: endpointParam,
  // the organization, a + and a label must fit into the 255 characters of a username
  organization: quayName('an organization', 190).describe(
    'The organization whose robots are issued.',
  ),
  robot: shortName.describe(
    'Short name of the robot, made by hand, whose rights the first issued one is given.',
  ),
});

/**
 * Robot accounts of one organization at Quay or quay.io. The label is a robot's short name and its
 * description; a robot takes over the rights of its predecessor. Quay shows the token of a robot
 * again, so no token is lost. Source: github.com/quay/quay @ffba0c70
 * (endpoints/api/{robot,permission,team,prototype}.py).
 */
export const quayRobot = defineProvider({
  name: 'quay-robot',
  capabilities: { readAgain: true },
  params: Params,
  admin: tokenAdmin,
  address: (params) => quayAddress(params),
  // the only actions of Quay's scopes
  actions: () => ['pull', 'push', '*'],
  place: ({ endpoint, organization }) => [endpoint ?? QUAY, organization],

  async check(call) {
    const template = pick(await robots(call, { permissions: true }), call, undefined);
    const [repository] = template.repositories;
    if (repository) await roleIn(call, repository, template.short);
  },

  async issue(call, { label, predecessor }) {
    const registry = registryOf(call);
    const all = await robots(call, { permissions: true });
    const source = pick(all, call, predecessor);
    const rights = await rightsOf(call, source);
    const orphan = all.find(({ short }) => short === label);
    // an attempt for other parameters may have created it
    if (orphan && exceeds(call, orphan, source.short, rights)) {
      throw quayApi(call).error(
        'conflict',
        'adopt the robot',
        'it may do more than its predecessor; the next attempt has another',
      );
    }
    const password = orphan
      ? await adoptRobot(call, label)
      : await createRobot(call, label, source.short);
    await grant(call, label, source.short, rights, orphan);
    return { id: label, username: usernameOf(call, label), password, registry };
  },

  async find(call, filter) {
    const all =
      'label' in filter
        ? [await robotNamed(call, filter.label)]
        : await robots(call, { permissions: false });
    return select(filter, all, (robot) =>
      robot && robot.description === robot.short
        ? { id: robot.short, label: robot.short, issuedAt: robot.created }
        : undefined,
    );
  },

  async revoke(call, { id }) {
    const doing = 'delete the robot';
    const api = quayApi(call);
    const deleted = await api.send('DELETE', doing, robotsPath(call), { id });
    if (!missing(deleted)) deleted.confirm();
    // 204 is no proof, because Quay hides errors of its database; and 400 means a missing robot or
    // a mirror
    const after = await api.send('GET', doing, robotsPath(call), { id });
    if (missing(after)) return;
    after.confirm();
    const advice = 'give the mirror another robot, and rekey deletes this one';
    throw deleted.succeeded
      ? deleted.error(
          'provider-failed',
          `it is still there, perhaps because an organization mirror uses it; ${advice}`,
        )
      : deleted.error('rejected', `a repository mirror uses it, perhaps; ${advice}`);
  },
});

/** The robot whose rights the new one gets: the predecessor, else the template. */
function pick(all: readonly Robot[], call: Call, predecessor: string | undefined): Robot {
  const named = (wanted: string | undefined) => all.find(({ short }) => short === wanted);
  const found = named(predecessor) ?? named(call.params.robot);
  if (found) return found;
  throw quayApi(call).error(
    'not-found',
    'list the robots',
    `there is no robot to take the rights from; make one by hand, or ${advice.check('robot')}`,
  );
}
