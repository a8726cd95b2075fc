import * as z from 'zod';
import { RekeyError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { succeeded } from '../http/answer.ts';
import { anyObject, defineProvider, headerSecret } from './common.ts';
import { endpointParam, QUAY, quayName, registryOf } from './quay/address.ts';
import { ask, type Call, missing, read, refusal } from './quay/api.ts';
import { exceeds, grant, type Robot, rightsOf, robots, roleIn, usernameOf } from './quay/rights.ts';

const shortName = quayName('the short name of a robot', 255);
const Params = z.strictObject({
  endpoint: endpointParam,
  // a label and the + must fit into the 255 characters of a username with it
  organization: quayName('an organization', 190).describe(
    'The organization whose robots are issued.',
  ),
  robot: shortName.describe(
    'Short name of the robot, made by hand, whose rights the first issued one is given.',
  ),
});
const Admin = z.strictObject({ token: headerSecret });

const Shown = z.object({
  name: z.string(),
  token: z.string().min(1).nullish(),
  description: z.string().nullish(),
});

/**
 * Robot accounts of one organization at Quay or quay.io. The label is a robot's short name and its
 * description; a robot takes over the rights of the one before. Quay shows the token of a robot
 * again, so that none is lost. Source: github.com/quay/quay @ffba0c70
 * (endpoints/api/{robot,permission,team,prototype}.py).
 */
export const quayRobot = defineProvider({
  name: 'quay-robot',
  capabilities: {
    list: true,
    disable: false,
    expiry: false,
    liveAtOnce: Infinity,
    username: 'label',
    readAgain: true,
  },
  params: Params,
  admin: Admin,
  endpoint: QUAY,
  realms: [],
  // Quay's scopes know no others
  actions: () => ['pull', 'push', '*'],
  place: ({ endpoint, organization }) => [endpoint ?? QUAY, organization],

  async check(call) {
    const template = pick(await robots(call, { permissions: true }), call, undefined);
    const [repository] = template.repositories;
    if (repository) await roleIn(call, repository, template.short);
  },

  async issue(call, { label, predecessor }) {
    const all = await robots(call, { permissions: true });
    const source = pick(all, call, predecessor);
    const rights = await rightsOf(call, source);
    const leftover = all.find(({ short }) => short === label);
    // an attempt for other parameters may have left it
    if (leftover && exceeds(call, leftover, source.short, rights)) {
      throw new RekeyError(
        'conflict',
        'quay-robot: adopt the robot: it may do what its predecessor may not; the next attempt has another',
      );
    }
    const token = leftover ? await adopt(call, label) : await create(call, label, source.short);
    await grant(call, label, source.short, rights, leftover);
    return {
      id: label,
      username: usernameOf(call, label),
      password: token,
      registry: registryOf(call),
    };
  },

  async find(call, prefix) {
    const all = await robots(call, { permissions: false });
    const ours = all.filter(
      ({ short, description }) => short.startsWith(prefix) && description === short,
    );
    return ours.map(({ short, created }) => ({ id: short, label: short, issuedAt: created }));
  },

  async revoke(call, { id }) {
    const doing = 'quay-robot: delete the robot';
    if (!shortName.safeParse(id).success)
      throw new RekeyError('rejected', `${doing}: its id is not one that Quay gives`);
    const path = pathOf(call, id);
    const answer = await ask(doing, call, { method: 'DELETE', path, idempotent: true });
    if (!succeeded(answer) && !missing(answer)) throw refusal(doing, answer);
    if (answer.status !== 204 && succeeded(answer)) read(doing, answer, anyObject);
    // 204 is no proof: Quay swallows what goes wrong in its database; and 400 stands for a missing
    // robot and for a mirror
    const after = await ask(doing, call, { method: 'GET', path, idempotent: true });
    if (missing(after)) return;
    read(doing, after, anyObject);
    if (succeeded(answer)) {
      throw new RekeyError(
        'provider-failed',
        `${doing}: status ${answer.status}, and it is still there, perhaps because an organization mirror uses it; give the mirror another robot, and rekey deletes this one`,
      );
    }
    throw new RekeyError(
      'rejected',
      `${doing}: status ${answer.status}: it is perhaps used by a repository mirror; give the mirror another robot, and rekey deletes this one`,
    );
  },
});

const pathOf = ({ params }: Call, short: string): string =>
  `/organization/${params.organization}/robots/${short}`;

/**
 * Whose rights are taken over: the predecessor's, or the template's where it is gone or there is
 * none.
 */
function pick(all: readonly Robot[], { params }: Call, predecessor: string | undefined): Robot {
  const named = (wanted: string | undefined) => all.find(({ short }) => short === wanted);
  const found = named(predecessor) ?? named(params.robot);
  if (found) return found;
  throw new RekeyError(
    'not-found',
    'quay-robot: list the robots: the one whose rights are to be taken over is not there; make it by hand, or correct robot in the params of the fleet file',
  );
}

/**
 * The token of a new robot, or of the one that another worker has made under this label meanwhile.
 */
async function create(call: Call, label: string, source: string): Promise<Secret> {
  const doing = 'quay-robot: create the robot';
  const body = {
    description: label,
    unstructured_metadata: { managed_by: 'rekey', rights_of: source },
  };
  const answer = await ask(doing, call, {
    method: 'PUT',
    path: pathOf(call, label),
    body,
    idempotent: false,
  });
  if (missing(answer)) return adopt(call, label, refusal(doing, answer));
  const { name, token } = read(doing, answer, Shown);
  if (name !== usernameOf(call, label))
    throw new RekeyError('bad-answer', `${doing}: the answer is about another one`);
  return token ? new Secret(token) : adopt(call, label);
}

/**
 * The token of the robot under this label, if it is rekey's; `otherwise` is thrown if there is
 * none.
 */
async function adopt(call: Call, label: string, otherwise?: Error): Promise<Secret> {
  const doing = 'quay-robot: adopt the robot';
  const answer = await ask(doing, call, {
    method: 'GET',
    path: pathOf(call, label),
    idempotent: true,
  });
  if (otherwise && missing(answer)) throw otherwise;
  const { name, token, description } = read(doing, answer, Shown);
  if (name !== usernameOf(call, label))
    throw new RekeyError('bad-answer', `${doing}: the answer is about another one`);
  if (description !== label) {
    throw new RekeyError(
      'conflict',
      `${doing}: somebody else has made one of this name; the next attempt takes another`,
    );
  }
  if (!token) throw new RekeyError('bad-answer', `${doing}: Quay shows no token`);
  return new Secret(token);
}
