import * as z from 'zod';
import { type Call, missing, quayApi } from './api.ts';
import { copyPrototypes, hasOther, type Prototype, prototypesOf, role } from './prototypes.ts';
import { type Robot, usernameOf } from './robots.ts';

type Role = z.output<typeof role>;

const Permission = z.object({ role });
const Members = z.object({ members: z.array(z.object({ name: z.string() })) });

/** The rights of one robot, so that another can be given them. */
export interface Rights {
  readonly roles: ReadonlyMap<string, Role>;
  readonly teams: readonly string[];
  /** All default permissions of the organization; those that name the robot are its own. */
  readonly prototypes: readonly Prototype[];
}

/** The rights of a robot that was listed with its repositories and teams. */
export async function rightsOf(call: Call, { short, repositories, teams }: Robot): Promise<Rights> {
  const prototypes = await prototypesOf(call);
  const roles = new Map<string, Role>();
  for (const repository of repositories)
    roles.set(repository, await roleIn(call, repository, short));
  return { roles, teams, prototypes };
}

/** The role of a robot in one of its repositories. */
export async function roleIn(call: Call, repository: string, short: string): Promise<Role> {
  const path = permission(call, repository, short);
  const answer = await quayApi(call).send('GET', 'read the permission', path);
  return answer.read(Permission, {
    400: [
      'bad-answer',
      'the list of robots shows a permission that does not exist; rekey tries again',
    ],
  }).role;
}

/**
 * True if a robot may do anything beyond these rights of another robot. Roles are left out: `grant`
 * sets them.
 */
export const exceeds = (
  call: Call,
  { short, repositories, teams }: Robot,
  source: string,
  rights: Rights,
): boolean =>
  repositories.some((repository) => !rights.roles.has(repository)) ||
  teams.some((team) => !rights.teams.includes(team)) ||
  hasOther(call, rights.prototypes, source, short);

/** Gives a robot the rights that `source` has, and takes none away. */
export async function grant(
  call: Call,
  short: string,
  source: string,
  rights: Rights,
  known: Robot | undefined,
): Promise<void> {
  for (const [repository, role] of rights.roles) {
    const path = permission(call, repository, short);
    const body = { role };
    const answer = await quayApi(call).send('PUT', 'grant the permission', path, { body });
    // a deleted repository keeps its permissions until Quay has collected it. Granting another one
    // fails, and is not needed
    if ([404, 500].includes(answer.status) && (await isGone(call, repository))) continue;
    answer.confirm();
  }
  for (const team of rights.teams) if (!known?.teams.includes(team)) await join(call, team, short);
  await copyPrototypes(call, rights.prototypes, source, short);
}

/** True for a deleted repository: the lists of robots still show it, but it cannot be read. */
async function isGone(call: Call, repository: string): Promise<boolean> {
  const path = `${pathOf(call, repository)}?includeTags=false`;
  return (await quayApi(call).send('GET', 'look for the repository', path)).status === 404;
}

async function join(call: Call, team: string, short: string): Promise<void> {
  const doing = 'add the robot to the team';
  const members = `/organization/${call.params.organization}/team/${team}/members`;
  const username = usernameOf(call, short);
  const answer = await quayApi(call).send('PUT', doing, `${members}/${username}`);
  if (!missing(answer)) return answer.confirm();
  // Quay also refuses a robot that is already a member
  const { members: present } = await quayApi(call).list(doing, members, Members);
  if (!present.some((member) => member.name === username)) throw answer.refusal();
}

const pathOf = ({ params }: Call, repository: string): string =>
  `/repository/${params.organization}/${repository}`;

const permission = (call: Call, repository: string, short: string): string =>
  `${pathOf(call, repository)}/permissions/user/${usernameOf(call, short)}`;
