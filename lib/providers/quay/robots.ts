import * as z from 'zod';
import { Secret } from '../../core/secret.ts';
import type { ApiAnswer } from '../client/index.ts';
import { vendorTime } from '../client/schemas.ts';
import { type Call, missing, quayApi } from './api.ts';

/** Quay's naming rules. A name that does not match must never reach a path. */
const team = z.object({ name: z.string().regex(/^\w[\w.-]*$/) }).transform(({ name }) => name);
const repository = z.string().regex(/^\w[\w.-]*(?:\/\w[\w.-]*)*$/);
const described = { name: z.string(), description: z.string().nullish(), created: vendorTime };
const List = z.object({
  robots: z.array(
    z.object({
      ...described,
      repositories: z.array(repository).optional(),
      teams: z.array(team).optional(),
    }),
  ),
});
const Shown = z.object({ ...described, token: z.string().min(1).nullish() });

/** A robot of the organization. Its rights are empty unless they were requested. */
export interface Robot {
  readonly short: string;
  readonly description: string | undefined;
  readonly created: Date | undefined;
  readonly repositories: readonly string[];
  readonly teams: readonly string[];
}

/** A robot's full name. It is safe in a path: names from a schema need no escaping. */
export const usernameOf = ({ params }: Call, short: string): string =>
  `${params.organization}+${short}`;

/**
 * The path of the organization's robots in Quay's API (endpoints/api/robot.py); the short name of
 * one robot follows it.
 */
export const robotsPath = ({ params }: Call): string =>
  `/organization/${params.organization}/robots`;

/**
 * The robots of the organization. Quay's list has no pages; with `limit` it would omit the rights.
 * Quay matches the name of the organization as a pattern, so the list contains robots of others.
 */
export async function robots(
  call: Call,
  { permissions }: { readonly permissions: boolean },
): Promise<readonly Robot[]> {
  const doing = 'list the robots';
  const query = `?token=false${permissions ? '&permissions=true' : ''}`;
  const list = await quayApi(call).list(doing, `${robotsPath(call)}${query}`, List);
  const prefix = usernameOf(call, '');
  return list.robots
    .filter((robot) => robot.name.startsWith(prefix))
    .map(({ name, description, created, repositories, teams }) => {
      // Quay hides the rights from a mere member of the organization
      if (permissions && (!repositories || !teams)) {
        const advice =
          'Quay shows no rights; the user of the OAuth token must administer the organization';
        throw quayApi(call).error('forbidden', doing, advice);
      }
      return {
        short: name.slice(prefix.length),
        description: description ?? undefined,
        created,
        repositories: repositories ?? [],
        teams: teams ?? [],
      };
    });
}

/** The robot of this name, without its rights; `undefined` if there is none. */
export async function robotNamed(call: Call, short: string): Promise<Robot | undefined> {
  const answer = await quayApi(call).send('GET', 'look for the robot', robotsPath(call), {
    id: short,
  });
  if (missing(answer)) return undefined;
  const { description, created } = readRobot(call, answer, short);
  return { short, description, created, repositories: [], teams: [] };
}

/** The token of a new robot, or of one that another worker has just made with this label. */
export async function createRobot(call: Call, label: string, source: string): Promise<Secret> {
  const body = {
    description: label,
    unstructured_metadata: { managed_by: 'rekey', rights_of: source },
  };
  const options = { id: label, body, idempotent: false };
  const answer = await quayApi(call).send('PUT', 'create the robot', robotsPath(call), options);
  if (missing(answer)) return adoptRobot(call, label, answer.refusal());
  return readRobot(call, answer, label).token ?? adoptRobot(call, label);
}

/**
 * The token of the robot with this label, if rekey made it. Throws `otherwise` if there is none,
 * and `conflict` if it is foreign.
 */
export async function adoptRobot(call: Call, label: string, otherwise?: Error): Promise<Secret> {
  const options = { id: label };
  const answer = await quayApi(call).send('GET', 'adopt the robot', robotsPath(call), options);
  if (otherwise && missing(answer)) throw otherwise;
  const { token, description } = readRobot(call, answer, label);
  if (description !== label) {
    const advice = 'a foreign robot has this name; the next attempt takes another';
    throw answer.error('conflict', advice);
  }
  if (!token) throw answer.error('bad-answer', 'Quay shows no token');
  return token;
}

function readRobot(call: Call, answer: ApiAnswer, short: string) {
  const { name, token, description, created } = answer.read(Shown);
  if (name !== usernameOf(call, short))
    throw answer.error('bad-answer', 'it is about another robot');
  return {
    token: token ? new Secret(token) : undefined,
    description: description ?? undefined,
    created,
  };
}
