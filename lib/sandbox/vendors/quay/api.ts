import { Hono } from 'hono';
import * as z from 'zod';
import type { Faults } from '../../faults.ts';
import { type Behaviour, type Env, json } from '../vendor.ts';
import {
  avatar,
  brief,
  invalid,
  message,
  noRobot,
  person,
  problem,
  view,
  whole,
} from './answers.ts';
import { ORGANIZATION, type QuayModel, usernameOf } from './model.ts';

/** Switches of the simulated Quay. */
export interface QuayBehaviour extends Behaviour {
  /**
   * The user behind the OAuth token administers the organization. A plain member sees robots
   * without their rights.
   */
  orgAdmin: boolean;
  /** The OAuth token has the scope repo:admin. */
  repoAdmin: boolean;
  /** Writes are refused. */
  readOnly: boolean;
  /** A repository mirror uses every robot, so no robot can be deleted. */
  mirrored: boolean;
  /** A deletion answers 204, and the robot still exists. */
  deleteSwallowed: boolean;
  /** The setting ROBOTS_DISALLOW. */
  robotsDisabled: boolean;
  /**
   * The field that holds the CSRF error when a write has no valid OAuth token: `message` on quay.io
   * in the past.
   */
  csrfField: 'error' | 'message';
  /** Seconds for which a token is still accepted after its end: 30 at a real Quay. */
  leeway: number;
}

const NAME = /^([a-z0-9]+(?:[._-][a-z0-9]+)*)$/;
const Posted = z.object({
  description: z.string().max(255).nullish(),
  unstructured_metadata: z.record(z.string(), z.unknown()).nullish(),
});
const role = z.enum(['read', 'write', 'admin']);
const Granted = z.object({ role });
const Delegated = z.object({
  role,
  delegate: z.object({ name: z.string(), kind: z.enum(['user', 'team']) }),
  activating_user: z.object({ name: z.string() }).optional(),
});

interface Options {
  readonly faults: Faults;
  readonly model: QuayModel;
  readonly behaviour: QuayBehaviour;
  readonly token: string;
}

/**
 * The calls of Quay's management API that are about robots and their rights, after its source
 * (github.com/quay/quay, endpoints/api).
 */
export function quayApi({ faults, model, behaviour, token }: Options): Hono<Env> {
  const app = new Hono<Env>().basePath('/api/v1');
  const { ledger } = model;
  app.use('*', faults.middleware);
  app.notFound((context) => problem(context, 404, 'not_found', 'Not Found'));
  app.onError((_error, context) => context.json({ message: 'Internal Server Error' }, 500));

  app.use('*', async (context, next) => {
    const writes = context.req.method !== 'GET';
    if (context.req.header('authorization') !== `Bearer ${token}`) {
      if (!writes) return problem(context, 401, 'invalid_token', 'Requires authentication');
      return context.json({ [behaviour.csrfField]: 'CSRF token was invalid or missing.' }, 403);
    }
    if (writes && behaviour.readOnly) {
      return context.json({ message: 'System is currently read-only.', is_readonly: true }, 503);
    }
    const [kind, name, ...rest] = context.req.path.slice('/api/v1/'.length).split('/');
    const listing = !writes && rest.join('/') === 'robots';
    const allowed = kind === 'repository' ? behaviour.repoAdmin : behaviour.orgAdmin || listing;
    // Quay answers the same for an organization that does not exist and for one that the caller has
    // no access to
    if (name !== ORGANIZATION || !allowed)
      return problem(context, 403, 'insufficient_scope', 'Unauthorized');
    return next();
  });

  app.get('/organization/:org/robots', (context) => {
    const asked = (key: string, otherwise: string) =>
      (context.req.query(key) ?? otherwise) === 'true' && behaviour.orgAdmin;
    const [permissions, tokens] = [asked('permissions', 'false'), asked('token', 'true')];
    const limit = Number(context.req.query('limit') ?? Number.POSITIVE_INFINITY);
    const own = ledger
      .live()
      .map((entry) => ({ entry, username: entry.username, ...rightsOf(entry.username) }));
    const all = [
      ...model.neighbours.map((neighbour) => ({ entry: undefined, ...neighbour })),
      ...own,
    ];
    const found = all.filter(({ username }) => ilike(`${ORGANIZATION}+%`).test(username));
    // the limit counts the rows of the join, one for each repository of a robot
    const rows = found.flatMap((robot) => {
      const names = permissions && robot.repositories.length > 0 ? robot.repositories : [undefined];
      return names.map((repository) => ({ robot, repository }));
    });
    const robots = new Map<string, Record<string, unknown>>();
    for (const { robot, repository } of rows.slice(0, limit)) {
      const before = (robots.get(robot.username)?.repositories ?? []) as string[];
      robots.set(robot.username, {
        ...brief(robot.username, robot.entry),
        ...(tokens && { token: robot.entry?.scopes[0]?.token ?? null }),
        ...(permissions && {
          teams: robot.teams.map((name) => ({ name, avatar: avatar(name, 'team') })),
          repositories: repository === undefined ? before : [...before, repository],
        }),
      });
    }
    return context.json({ robots: [...robots.values()] });
  });
  const rightsOf = (username: string) => ({
    repositories: model.repositoriesOf(username),
    teams: model.teamsOf(username),
  });

  app.get('/organization/:org/robots/:short', (context) => {
    const entry = ledger.find(context.req.param('short'));
    return entry ? context.json(whole(entry, entry.scopes[0]?.metadata ?? {})) : noRobot(context);
  });

  app.put('/organization/:org/robots/:short', async (context) => {
    const short = context.req.param('short');
    const body = Posted.safeParse(await json(context, {}));
    if (!body.success) return invalid(context, 'description is too long');
    if (behaviour.robotsDisabled)
      return invalid(
        context,
        'Robot accounts have been disabled. Please contact your administrator.',
      );
    if (!NAME.test(short) || short.length < 2 || short.length > 255) {
      return invalid(
        context,
        [
          `The name for the robot '${short}' is invalid: Namespace must match expression`,
          `${NAME.source}`,
        ].join(' '),
      );
    }
    if (ledger.find(short))
      return invalid(context, `Existing robot with name: ${usernameOf(short)}`);
    const { description, unstructured_metadata: metadata } = body.data;
    const entry = model.add(short, description ?? '', metadata ?? null, 'admin');
    const { token: shown, ...without } = whole(entry, metadata ?? null);
    return context.json(behaviour.secretless ? without : { ...without, token: shown }, 201);
  });

  app.delete('/organization/:org/robots/:short', (context) => {
    const entry = ledger.find(context.req.param('short'));
    if (behaviour.mirrored) return invalid(context, 'Robot is being used by a mirror');
    if (!entry) return noRobot(context);
    if (!behaviour.deleteSwallowed) model.remove(entry);
    return context.body(null, 204);
  });

  const permission = '/repository/:org/:name{.+}/permissions/user/:user';
  app.on(['GET', 'PUT', 'DELETE'], permission, async (context) => {
    const { name, user } = context.req.param();
    const repository = model.repository(name);
    if (!repository) return problem(context, 404, 'not_found', 'Not Found');
    if (context.req.method === 'PUT') {
      const body = Granted.safeParse(await json(context, {}));
      if (!body.success) return invalid(context, 'the role is invalid');
      // Repository.DoesNotExist, which Quay does not catch (data/model/_basequery.py,
      // get_existing_repository)
      if (repository.deleted) return context.json({ message: 'Internal Server Error' }, 500);
      if (!ledger.live().some(({ username }) => username === user))
        return message(context, `Invalid username: ${user}`);
      repository.users[user] = body.data.role;
    }
    const granted = repository.users[user];
    if (!granted) return message(context, 'User does not have permission for repo.');
    if (context.req.method === 'DELETE') {
      delete repository.users[user];
      return context.body(null, 204);
    }
    return context.json({ role: granted, ...person(user), is_org_member: true });
  });

  app.get('/repository/:org/:name', (context) => {
    const { org, name } = context.req.param();
    const repository = model.repository(name);
    if (!repository || repository.deleted) return problem(context, 404, 'not_found', 'Not Found');
    return context.json({
      namespace: org,
      name,
      kind: 'image',
      is_public: false,
      state: 'NORMAL',
      can_write: true,
      can_admin: true,
    });
  });

  app.get('/organization/:org/team/:team/members', (context) => {
    const team = model.team(context.req.param('team'));
    if (!team) return problem(context, 404, 'not_found', 'Not Found');
    const members = team.members.map((name) => ({ ...person(name), kind: 'user', invited: false }));
    return context.json({ name: context.req.param('team'), members, can_edit: true });
  });

  app.put('/organization/:org/team/:team/members/:user', (context) => {
    const { team: name, user } = context.req.param();
    const team = model.team(name);
    if (!team) return problem(context, 404, 'not_found', 'Not Found');
    if (!ledger.live().some(({ username }) => username === user))
      return invalid(context, 'Unknown user');
    if (team.members.includes(user))
      return message(context, 'User is already a member of the team.');
    team.members.push(user);
    return context.json({ ...person(user), kind: 'user', invited: false });
  });

  app.get('/organization/:org/prototypes', (context) =>
    context.json({ prototypes: model.prototypes().map(view) }),
  );

  app.post('/organization/:org/prototypes', async (context) => {
    const body = Delegated.safeParse(await json(context, {}));
    if (!body.success) return invalid(context, 'the prototype is invalid');
    const { role, delegate, activating_user: activating } = body.data;
    const names = [
      ...(delegate.kind === 'user' ? [delegate.name] : []),
      ...(activating ? [activating.name] : []),
    ];
    const known = names.every(
      (name) => !name.includes('+') || ledger.live().some(({ username }) => username === name),
    );
    if (!known || (delegate.kind === 'team' && !model.team(delegate.name)))
      return invalid(context, 'Missing delegate user or team');
    // Quay accepts duplicates
    return context.json(
      view(model.addPrototype({ role, delegate, activatingUser: activating?.name ?? null })),
    );
  });
  return app;
}

/** Matches as Postgres does: ignoring case, `_` any character, `%` any characters. */
const ilike = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+*?^$()[\]{}|\\]/g, '\\$&')
      .replaceAll('_', '.')
      .replaceAll('%', '.*')}$`,
    'i',
  );
