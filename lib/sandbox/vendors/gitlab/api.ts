import { type Context, Hono } from 'hono';
import * as z from 'zod';
import type { Parts } from '../parts.ts';
import { type Behaviour, type Env, json } from '../vendor.ts';
import { type DeployToken, type Details, type GitlabModel, holderOf } from './model.ts';

/** Switches of the simulated GitLab. */
export interface GitlabBehaviour extends Behaviour {
  /** Role of the access token's user in the project and in the group. */
  role: 'owner' | 'maintainer' | 'developer';
  /** Scope of the access token. */
  scope: 'api' | 'read_api';
}

interface Options extends Parts<Details, GitlabBehaviour> {
  readonly model: GitlabModel;
  readonly token: string;
}

type Status = 400 | 401 | 403 | 404 | 500;

const Posted = z.object({
  name: z.string().min(1).max(255),
  username: z
    .string()
    .max(255)
    .regex(/^[a-zA-Z0-9.+_-]+$/)
    .optional(),
  expires_at: z.iso.datetime({ offset: true }).optional(),
  scopes: z.array(z.enum(['read_repository', 'read_registry', 'write_registry'])).min(1),
});

/**
 * The calls about deploy tokens of one project and one group, after GitLab's source
 * (github.com/gitlabhq/gitlabhq, lib/api/deploy_tokens.rb).
 */
export function gitlabApi({ clock, faults, model, behaviour, token }: Options): Hono<Env> {
  const app = new Hono<Env>().basePath('/api/v4');
  app.use('*', faults.middleware);
  app.notFound((context) => context.json({ error: '404 Not Found' }, 404));
  app.onError((_error, context) => refuse(context, 500, '500 Internal Server Error'));
  app.use('*', async (context, next) => {
    context.header('ratelimit-limit', '2000');
    context.header('ratelimit-remaining', '1999');
    const bearer = `Bearer ${token}` === context.req.header('authorization');
    if (!bearer && context.req.header('private-token') !== token)
      return refuse(context, 401, '401 Unauthorized');
    return next();
  });

  app.use('/:kind/:id/deploy_tokens/:token?', async (context, next) => {
    const { kind, id, token: asked } = context.req.param();
    const holder = holderOf(kind, id);
    if (!holder)
      return refuse(context, 404, `404 ${kind === 'groups' ? 'Group' : 'Project'} Not Found`);
    const writes = context.req.method !== 'GET';
    if (writes && behaviour.scope !== 'api')
      return context.json({ error: 'insufficient_scope', scope: 'api' }, 403);
    // only owners of a group create and delete its tokens
    const may =
      behaviour.role === 'owner' ||
      (behaviour.role === 'maintainer' && (kind === 'projects' || !writes));
    if (!may) return refuse(context, 403, '403 Forbidden');
    if (asked === undefined) return next();
    if (!/^\d{1,18}$/.test(asked)) return context.json({ error: 'token_id is invalid' }, 400);
    return model.token(holder, asked) ? next() : refuse(context, 404, '404 Not found');
  });

  const path = '/:kind/:id/deploy_tokens';
  app.get(path, (context) => {
    const { active, page = '1', per_page = '20' } = context.req.query();
    if (!/^[1-9]\d{0,8}$/.test(page) || !/^[1-9]\d{0,8}$/.test(per_page))
      return context.json({ error: 'page does not have a valid value' }, 400);
    const [from, size] = [Number(page), Math.min(Number(per_page), 100)];
    const all = model.tokens(holder(context)).filter(
      // compares the time, although a token lives to the end of its day
      ({ scopes: [details] }) =>
        active !== 'true' || Date.parse(details?.expires_at ?? '9999') >= clock.now().getTime(),
    );
    const pages = Math.ceil(all.length / size);
    const next = from < pages ? String(from + 1) : '';
    const url = new URL(context.req.url);
    url.searchParams.set('page', next);
    for (const [name, value] of Object.entries({
      'x-page': from,
      'x-per-page': size,
      'x-total': all.length,
      'x-total-pages': pages,
      'x-next-page': next,
      'x-prev-page': from > 1 ? from - 1 : '',
      ...(next !== '' && { link: `<${url.href}>; rel="next"` }),
    }))
      context.header(name, String(value));
    return context.json(all.slice((from - 1) * size, from * size).map(show));
  });

  app.post(path, async (context) => {
    const body = Posted.safeParse(await json(context, {}));
    if (!body.success) {
      const [field = 'body'] = body.error.issues[0]?.path ?? [];
      return context.json({ error: `${String(field)} does not have a valid value` }, 400);
    }
    const { made, token: secret } = model.add(holder(context), body.data);
    return context.json(behaviour.secretless ? show(made) : { ...show(made), token: secret }, 201);
  });

  app.get(`${path}/:token`, (context) => context.json(show(tokenOf(context))));
  app.delete(`${path}/:token`, (context) => {
    model.remove(tokenOf(context));
    return context.body(null, 204);
  });

  const holder = (context: Context): string =>
    holderOf(context.req.param('kind') ?? '', context.req.param('id') ?? '') ?? '';
  const tokenOf = (context: Context): DeployToken => {
    const found = model.token(holder(context), context.req.param('token') ?? '');
    if (!found) throw new Error('no token');
    return found;
  };
  const show = (found: DeployToken) => {
    const { id, username, scopes: details, expiresAt } = found;
    const { name = '', scopes = [], expires_at = null } = details[0] ?? {};
    const expired = expiresAt !== undefined && Date.parse(expiresAt) <= clock.now().getTime();
    return { id: Number(id), name, username, expires_at, scopes, revoked: false, expired };
  };
  return app;
}

const refuse = (context: Context<Env>, status: Status, message: string) =>
  context.json({ message }, status);
