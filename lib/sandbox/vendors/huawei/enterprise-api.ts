import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { DAY, plus } from '../../../core/time.ts';
import { type Entry, hex, uuid } from '../ledger.ts';
import { type Env, json } from '../vendor.ts';
import { account, type HuaweiModel, type Kind, type Status } from './gateway.ts';

const Posted = z.object({
  name: z
    .string()
    .max(64)
    .regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/),
});
const Put = z.object({ enable: z.boolean() });

/** The credential calls of SWR Enterprise Edition, after its API reference. */
export function enterpriseApi({ clock, random, ledger, behaviour, at }: HuaweiModel): Hono<Env> {
  const app = new Hono<Env>();
  const longTerm = () => ledger.live().filter(({ scopes }) => scopes.includes('long-term'));
  const find = (id: string) => longTerm().find((entry) => entry.id === id);

  app.use('/:project/instances/*', async (context, next) => {
    const [, , project, , instance] = context.req.path.split('/');
    if (project !== account.projectId || context.req.header('x-project-id') !== project)
      return refuse(context, 403);
    if (!behaviour.privileged) return refuse(context, 403);
    return instance === account.instanceId ? next() : refuse(context, 404);
  });

  app.get('/:project/instances/:instance', (context) => {
    const running = behaviour.instanceState === 'Running';
    const { instanceId: id, projectId: project_id } = account;
    const access_address = running ? at.registry : '';
    return context.json({
      id,
      name: 'simulated',
      project_id,
      access_address,
      status: behaviour.instanceState,
      version: '1.0',
    });
  });

  /** The answer to a create, the only one that holds the password. */
  const issue = (kind: Kind, label: string, expiresAt?: Date) => {
    const password = hex(32, random);
    const username = behaviour.oneUsername ? 'simulated-user' : hex(16, random);
    const given = {
      id: uuid(random),
      label,
      username,
      owner: account.adminId,
      scopes: [kind],
      ...(expiresAt && { expiresAt }),
    };
    const { id, createdAt } = ledger.add(given, password);
    const expire_date = (expiresAt ?? plus(clock.now(), 36_500 * DAY)).toISOString();
    const shown = { created_at: createdAt, expire_date, token_id: id, user_id: username };
    return behaviour.secretless ? shown : { auth_token: password, ...shown };
  };

  app.post('/:project/instances/:instance/long-term-credential', async (context) => {
    const body = Posted.safeParse(await json(context));
    if (!body.success) return refuse(context, 400);
    const { name } = body.data;
    return longTerm().some(({ label }) => label === name)
      ? refuse(context, 409)
      : context.json(issue('long-term', name), 201);
  });

  app.post('/:project/instances/:instance/temp-credential', (context) =>
    context.json(issue('temporary', '', plus(clock.now(), DAY)), 201),
  );

  app.get('/:project/instances/:instance/long-term-credentials', (context) => {
    const { offset, limit, self_only } = context.req.query();
    if ((offset === undefined) !== (limit === undefined)) return refuse(context, 400);
    const [from, size] = [Number(offset ?? 0), Number(limit ?? 100)];
    if (!Number.isInteger(from) || from < 0 || !(size >= 1 && size <= 100))
      return refuse(context, 400);
    if (self_only === 'false' && !behaviour.seesAll) return refuse(context, 403);
    const visible = longTerm().filter(
      ({ owner }) => self_only === 'false' || owner === account.adminId,
    );
    return context.json({
      total: visible.length,
      auth_tokens: visible.slice(from, from + size).map(show),
    });
  });

  app.put('/:project/instances/:instance/long-term-credentials/:id', async (context) => {
    const body = Put.safeParse(await json(context));
    if (!body.success) return refuse(context, 400);
    const entry = find(context.req.param('id'));
    if (!entry) return refuse(context, 404);
    ledger.enable(entry, body.data.enable);
    return context.body(null, 200);
  });

  app.delete('/:project/instances/:instance/long-term-credentials/:id', (context) => {
    const entry = find(context.req.param('id'));
    if (!entry) return refuse(context, 404);
    ledger.remove(entry);
    return context.body(null, 204);
  });
  return app;
}

function show({ id, label, username, owner, createdAt, enabled }: Entry<Kind>) {
  const expire_date = plus(new Date(createdAt), 36_500 * DAY).toISOString();
  const user = { user_id: username, user_profile: JSON.stringify({ user_id: owner }) };
  return {
    created_at: createdAt,
    enable: enabled,
    expire_date,
    instance_id: account.instanceId,
    name: label,
    token_id: id,
    ...user,
  };
}

/** Huawei publishes no list of error codes for this edition. */
const refuse = (context: Context<Env>, status: Status) =>
  context.json({ error_code: `SWR.${status}0001`, error_msg: 'the request was refused' }, status);
