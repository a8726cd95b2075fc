import { type Context, Hono } from 'hono';
import * as z from 'zod';
import type { Faults } from '../../faults.ts';
import { type Behaviour, type Env, json } from '../vendor.ts';
import { type HarborModel, type Permission, PROJECT, type Robot } from './model.ts';

/** Switches of the simulated Harbor. */
export interface HarborBehaviour extends Behaviour {
  /** The caller: an admin of the project, another member, or a robot without `robot:update`. */
  admin: 'admin' | 'member' | 'robot';
  /** The project is public: a pull needs no login. */
  isPublic: boolean;
  /** Prefix of all robot names, set by the system administrator. */
  robotPrefix: string;
}

interface Options {
  readonly faults: Faults;
  readonly model: HarborModel;
  readonly behaviour: HarborBehaviour;
  /** Accepted value of the Authorization header. */
  readonly authorization: string;
}

const NAME = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
const permissions = z.array(
  z.object({
    kind: z.string(),
    namespace: z.string(),
    access: z.array(z.object({ resource: z.string(), action: z.string() })).min(1),
  }),
);
const Posted = z.object({
  name: z.string(),
  description: z.string().default(''),
  level: z.enum(['project', 'system']),
  duration: z.int().min(-1).max(2_147_483_646),
  disable: z.boolean().default(false),
  permissions: permissions.min(1),
});

/**
 * The calls about robots and the one project, after Harbor's source (github.com/goharbor/harbor
 * @c50c7ddd, src/server/v2.0/handler/robot.go).
 */
export function harborApi({ faults, model, behaviour, authorization }: Options): Hono<Env> {
  const app = new Hono<Env>().basePath('/api/v2.0');
  app.use('*', faults.middleware);
  app.notFound((context) => refuse(context, 404, 'not found'));
  app.onError((_error, context) => refuse(context, 500, 'internal server error'));
  app.use('*', async (context, next) => {
    // Harbor treats a wrong login like no login
    if (context.req.header('authorization') !== authorization)
      return refuse(context, 401, 'unauthorized');
    const updates = ['PUT', 'PATCH'].includes(context.req.method);
    if (behaviour.admin === 'member' || (behaviour.admin === 'robot' && updates))
      return refuse(context, 403, 'forbidden');
    return next();
  });

  app.get('/projects/:project', (context) => {
    const asked = context.req.param('project');
    const byName = context.req.header('x-is-resource-name') === 'true' || !/^\d+$/.test(asked);
    if (asked !== (byName ? PROJECT.name : String(PROJECT.id)))
      return refuse(context, 404, `project ${asked} not found`);
    return context.json({
      project_id: PROJECT.id,
      name: PROJECT.name,
      owner_name: 'admin',
      metadata: { public: String(behaviour.isPublic) },
    });
  });

  app.get('/robots', (context) => {
    const { q = '', sort = '', page = '1', page_size = '10' } = context.req.query();
    const filter = new Map(
      q
        .split(',')
        .filter((part) => part !== '')
        .map((part): [string, string] => {
          const [key = '', ...rest] = part.split('=');
          return [key.toLowerCase(), rest.join('=')];
        }),
    );
    const [from, size] = [Number(page), Number(page_size)];
    if (!(from >= 1) || !(size >= 1 && size <= 100))
      return refuse(context, 422, 'page_size in query should be less than or equal to 100');
    const ofProject = filter.get('level') === 'project';
    if (ofProject && !filter.has('projectid'))
      return refuse(context, 400, 'must with project ID when to query project robots');
    // without a level, Harbor lists the robots of the system: there are none
    const all = ofProject && filter.get('projectid') === String(PROJECT.id) ? model.robots() : [];
    const name = filter.get('name');
    const found = all.filter(({ username }) => name === undefined || matches(username, name));
    // the default order is by name (src/pkg/robot/model/model.go)
    if (!/^-?id$/.test(sort)) found.sort((a, b) => (a.username < b.username ? -1 : 1));
    if (sort.startsWith('-')) found.reverse();
    const shown = found.slice((from - 1) * size, from * size);
    const more = from * size < found.length;
    const link = (to: number) => `</api/v2.0/robots?page=${to}&page_size=${size}>`;
    context.header('x-total-count', String(found.length));
    context.header(
      'link',
      [
        ...(from > 1 ? [`${link(from - 1)}; rel="prev"`] : []),
        ...(more ? [`${link(from + 1)}; rel="next"`] : []),
      ].join(' , '),
    );
    return context.json(shown.map(shape));
  });

  app.post('/robots', async (context) => {
    const body = Posted.safeParse(await json(context));
    if (!body.success) return refuse(context, 400, 'bad request');
    const { name, level, permissions: wanted } = body.data;
    if (!NAME.test(name))
      return refuse(context, 400, 'robot name is not in lower case or contains illegal characters');
    if (level === 'project' && wanted.length > 1)
      return refuse(context, 400, 'bad request permission');
    if (!isOfProject(level, wanted)) return refuse(context, 403, 'forbidden');
    if (model.named(name)) return refuse(context, 409, `robot account ${name} already exists`);
    const { robot, secret } = model.add(name, body.data);
    const { id, expires_at, creation_time, name: shownName } = shape(robot);
    context.header('location', `/api/v2.0/robots/${id}`);
    const shownSecret = behaviour.secretless ? '' : secret;
    const created = { id, name: shownName, secret: shownSecret, creation_time, expires_at };
    return context.json(created, 201);
  });

  app.use('/robots/:id', async (context, next) => {
    const id = context.req.param('id');
    if (!/^\d{1,18}$/.test(id)) return refuse(context, 422, 'robot_id in path must be of type int');
    return model.robot(id) ? next() : refuse(context, 404, `robot ${id} not found`);
  });
  app.get('/robots/:id', (context) => context.json(shape(robotOf(context))));
  app.put('/robots/:id', async (context) => {
    const robot = robotOf(context);
    const body = Posted.safeParse(await json(context));
    if (!body.success) return refuse(context, 400, 'bad request');
    const { name, level, permissions: wanted } = body.data;
    if (!isOfProject(level, wanted)) return refuse(context, 403, 'forbidden');
    if (name !== nameOf(robot))
      return refuse(context, 400, 'cannot update the level or name of robot');
    model.update(robot, body.data);
    return context.body(null, 200);
  });
  app.patch('/robots/:id', async (context) => {
    const robot = robotOf(context);
    return context.json({ secret: model.refresh(robot) });
  });
  app.delete('/robots/:id', (context) => {
    model.remove(robotOf(context));
    return context.body(null, 200);
  });

  const robotOf = (context: Context): Robot => {
    const robot = model.robot(context.req.param('id') ?? '');
    if (!robot) throw new Error('no robot');
    return robot;
  };
  const nameOf = ({ username }: Robot) => `${behaviour.robotPrefix}${username}`;
  const shape = (robot: Robot) => {
    const { id, createdAt, enabled, scopes } = robot;
    const { description = '', duration = -1, expires_at = -1, permissions = [] } = scopes[0] ?? {};
    return {
      id: Number(id),
      name: nameOf(robot),
      description,
      level: 'project',
      duration,
      editable: true,
      disable: !enabled,
      expires_at,
      permissions,
      creation_time: createdAt,
      update_time: createdAt,
    };
  };
  return app;
}

const isOfProject = (level: string, wanted: readonly Permission[]): boolean =>
  level === 'project' && wanted[0]?.namespace === PROJECT.name;

/** `k=v` is an exact match, `k=~v` matches a part. */
const matches = (name: string, wanted: string): boolean =>
  wanted.startsWith('~') ? name.includes(wanted.slice(1)) : name === wanted;

const codes = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  422: 'UNPROCESSABLE_ENTITY',
  500: 'UNKNOWN',
} as const;
const refuse = (context: Context<Env>, status: keyof typeof codes, message: string) =>
  context.json({ errors: [{ code: codes[status], message }] }, status);
