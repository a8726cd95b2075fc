import * as z from 'zod';
import { RekeyError } from '../../core/errors.ts';
import { anyObject, LIST_BYTES, vendorTime } from '../common.ts';
import { ask, type Call, missing, read, refusal } from './api.ts';

/** As Quay names them; what is none must not become part of a path. */
const team = z.object({ name: z.string().regex(/^\w[\w.-]*$/) });
const repository = z.string().regex(/^\w[\w.-]*(?:\/\w[\w.-]*)*$/);
const role = z.enum(['read', 'write', 'admin']);
const List = z.object({
  robots: z.array(
    z.object({
      name: z.string(),
      description: z.string().nullable(),
      created: vendorTime,
      repositories: z.array(repository).optional(),
      teams: z.array(team).optional(),
    }),
  ),
});
const Permission = z.object({ role });
const Members = z.object({ members: z.array(z.object({ name: z.string() })) });
const Prototypes = z.object({
  prototypes: z.array(
    z.object({
      role,
      delegate: z.object({ name: z.string(), kind: z.enum(['user', 'team']) }),
      activating_user: z.object({ name: z.string() }).nullish(),
    }),
  ),
});
type Prototype = z.output<typeof Prototypes>['prototypes'][number];

/**
 * A robot of the organization, by its short name. Its rights are known where they were asked for.
 */
export interface Robot {
  readonly short: string;
  readonly description: string | null;
  readonly created: Date | undefined;
  readonly repositories: readonly string[];
  readonly teams: readonly string[];
}

/** What one robot may do, as another robot can be given it. */
export interface Rights {
  readonly roles: ReadonlyMap<string, z.output<typeof role>>;
  readonly teams: readonly string[];
  /** All default permissions of the organization; those that name the robot are its own. */
  readonly prototypes: readonly Prototype[];
}

/** Fit for a path as it is, as all names are that came through a schema. */
export const usernameOf = ({ params }: Call, short: string): string =>
  `${params.organization}+${short}`;

/**
 * The robots of the organization. Quay's list has no pages; with `limit` it would leave rights out.
 * It matches the name of the organization as a pattern, so that others' robots are in it.
 */
export async function robots(
  call: Call,
  { permissions }: { readonly permissions: boolean },
): Promise<readonly Robot[]> {
  const doing = 'quay-robot: list the robots';
  const path = `/organization/${call.params.organization}/robots?token=false${permissions ? '&permissions=true' : ''}`;
  const { robots: all } = read(doing, await list(doing, call, path), List);
  const prefix = usernameOf(call, '');
  return all
    .filter((robot) => robot.name.startsWith(prefix))
    .map(({ name, description, created, repositories, teams }) => {
      // a mere member of the organization is shown the robots without their rights, and nothing
      // says so
      if (permissions && (!repositories || !teams)) {
        throw new RekeyError(
          'forbidden',
          `${doing}: Quay shows no rights; the user of the OAuth token must administer the organization`,
        );
      }
      const rights = {
        repositories: repositories ?? [],
        teams: teams?.map((team) => team.name) ?? [],
      };
      return { short: name.slice(prefix.length), description, created, ...rights };
    });
}

export async function rightsOf(call: Call, { short, repositories, teams }: Robot): Promise<Rights> {
  const doing = 'quay-robot: read the default permissions';
  const path = `/organization/${call.params.organization}/prototypes`;
  const { prototypes } = read(doing, await list(doing, call, path), Prototypes);
  const roles = new Map<string, z.output<typeof role>>();
  for (const repository of repositories)
    roles.set(repository, await roleIn(call, repository, short));
  return { roles, teams, prototypes };
}

export async function roleIn(
  call: Call,
  repository: string,
  short: string,
): Promise<z.output<typeof role>> {
  const doing = 'quay-robot: read the permission';
  const answer = await ask(doing, call, {
    method: 'GET',
    path: permission(call, repository, short),
    idempotent: true,
  });
  return read(doing, answer, Permission, {
    400: [
      'bad-answer',
      'the list of robots shows a permission that is not there; rekey tries again',
    ],
  }).role;
}

/**
 * True if a robot may do anything that another, with these rights, may not. Roles are left out:
 * granting sets them.
 */
export function exceeds(
  call: Call,
  robot: Robot,
  source: string,
  { roles, teams, prototypes }: Rights,
): boolean {
  const granted = new Set(renamed(call, prototypes, source, robot.short).map(keyOf));
  return (
    robot.repositories.some((repository) => !roles.has(repository)) ||
    robot.teams.some((team) => !teams.includes(team)) ||
    naming(call, prototypes, robot.short).some((prototype) => !granted.has(keyOf(prototype)))
  );
}

/** Gives a robot the rights that `source` has. What it has already stays. */
export async function grant(
  call: Call,
  short: string,
  source: string,
  rights: Rights,
  known: Robot | undefined,
): Promise<void> {
  for (const [repository, role] of rights.roles) {
    const doing = 'quay-robot: grant the permission';
    const path = permission(call, repository, short);
    const answer = await ask(doing, call, {
      method: 'PUT',
      path,
      body: { role },
      idempotent: true,
    });
    // a deleted repository keeps its permissions until Quay has collected it, and fails whoever
    // grants another: there is nothing to grant
    if ([404, 500].includes(answer.status) && (await isGone(call, repository))) continue;
    read(doing, answer, anyObject);
  }
  for (const team of rights.teams) if (!known?.teams.includes(team)) await join(call, team, short);
  const present = new Set(rights.prototypes.map(keyOf));
  for (const prototype of renamed(call, rights.prototypes, source, short)) {
    if (present.has(keyOf(prototype))) continue;
    present.add(keyOf(prototype));
    const doing = 'quay-robot: add the default permission';
    const path = `/organization/${call.params.organization}/prototypes`;
    read(
      doing,
      await ask(doing, call, { method: 'POST', path, body: prototype, idempotent: false }),
      anyObject,
    );
  }
}

/** Its name is shown in the lists of robots still; by itself it is not there any more. */
async function isGone(call: Call, repository: string): Promise<boolean> {
  const doing = 'quay-robot: look for the repository';
  const path = `/repository/${call.params.organization}/${repository}?includeTags=false`;
  return (await ask(doing, call, { method: 'GET', path, idempotent: true })).status === 404;
}

async function join(call: Call, team: string, short: string): Promise<void> {
  const doing = 'quay-robot: add the robot to the team';
  const members = `/organization/${call.params.organization}/team/${team}/members`;
  const path = `${members}/${usernameOf(call, short)}`;
  const answer = await ask(doing, call, { method: 'PUT', path, idempotent: true });
  if (!missing(answer)) return void read(doing, answer, anyObject);
  // what is a member already is refused as well
  const { members: present } = read(doing, await list(doing, call, members), Members);
  if (!present.some((member) => member.name === usernameOf(call, short)))
    throw refusal(doing, answer);
}

const permission = (call: Call, repository: string, short: string): string =>
  `/repository/${call.params.organization}/${repository}/permissions/user/${usernameOf(call, short)}`;

/** Asks for a list, which has no pages. */
const list = (doing: string, call: Call, path: string) =>
  ask(doing, call, { method: 'GET', path, idempotent: true, maxBytes: LIST_BYTES });

/** The default permissions that are about a robot: given to it, or in what it creates. */
const naming = (
  call: Call,
  prototypes: readonly Prototype[],
  short: string,
): readonly Prototype[] =>
  prototypes.filter(({ delegate, activating_user: activating }) =>
    [delegate.kind === 'user' && delegate.name, activating?.name].includes(usernameOf(call, short)),
  );

/** Those of one robot, as they are for another. */
const renamed = (
  call: Call,
  prototypes: readonly Prototype[],
  from: string,
  to: string,
): readonly Prototype[] =>
  naming(call, prototypes, from).map(({ role, delegate, activating_user: activating }) => {
    const other = (one: string) => (one === usernameOf(call, from) ? usernameOf(call, to) : one);
    const given = delegate.kind === 'user' ? other(delegate.name) : delegate.name;
    return {
      role,
      delegate: { name: given, kind: delegate.kind },
      ...(activating && { activating_user: { name: other(activating.name) } }),
    };
  });

const keyOf = ({ role, delegate, activating_user: activating }: Prototype): string =>
  JSON.stringify([role, delegate.kind, delegate.name, activating?.name ?? '']);
