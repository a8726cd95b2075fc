import { createHmac } from 'node:crypto';
import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { type Entry, hex } from '../ledger.ts';
import { type Env, json } from '../vendor.ts';
import { account, type HuaweiModel, type Kind, type Status } from './gateway.ts';

const Posted = z.object({
  credential: z.object({ user_id: z.string(), description: z.string().max(255).optional() }),
});
const Put = z.object({
  credential: z.object({ status: z.enum(['active', 'inactive']).optional() }),
});

/** An access key of the model. The SWR login follows from the key's two parts. */
export function addKey(
  { ledger, random }: HuaweiModel,
  label: string,
): { entry: Entry<Kind>; secret: string } {
  const id = hex(10, random).toUpperCase();
  const secret = hex(20, random);
  const password = createHmac('sha256', secret).update(id).digest('hex');
  const username = `${account.region}@${id}`;
  return {
    entry: ledger.add(
      { id, label, username, owner: account.userId, scopes: ['access-key'] },
      password,
    ),
    secret,
  };
}

/** The permanent access keys of IAM users, v3.0, after the API reference. */
export function iamApi(model: HuaweiModel): Hono<Env> {
  const { ledger, behaviour } = model;
  const app = new Hono<Env>();
  const keys = () => ledger.live().filter(({ scopes }) => scopes.includes('access-key'));
  const find = (access: string) => keys().find(({ id }) => id === access);
  app.use('*', async (context, next) =>
    behaviour.privileged ? next() : refuse(context, 403, 'Forbidden'),
  );

  app.post('/', async (context) => {
    const body = Posted.safeParse(await json(context));
    if (!body.success) return refuse(context, 400, 'Bad Request');
    const { user_id, description = '' } = body.data.credential;
    if (user_id !== account.userId) return refuse(context, 404, 'Not Found');
    if (keys().length >= behaviour.keyLimit)
      return refuse(context, 400, 'Bad Request', 'akSkNumExceed');
    const { entry, secret } = addKey(model, description);
    return context.json(
      { credential: { ...show(entry), ...(!behaviour.secretless && { secret }) } },
      201,
    );
  });

  app.get('/', (context) => {
    const user = context.req.query('user_id') ?? account.adminId;
    if (user === account.adminId) {
      const own = {
        access: account.accessKey,
        status: 'active',
        create_time: '2029-01-01T00:00:00.000000Z',
        user_id: user,
      };
      return context.json({ credentials: [{ ...own, description: '' }] });
    }
    return user === account.userId
      ? context.json({ credentials: keys().map(show) })
      : refuse(context, 404, 'Not Found');
  });

  app.get('/:access', (context) => {
    const entry = find(context.req.param('access'));
    if (!entry) return refuse(context, 404, 'Not Found');
    const shown = show(entry);
    return context.json({ credential: { ...shown, last_use_time: shown.create_time } });
  });

  app.put('/:access', async (context) => {
    const body = Put.safeParse(await json(context));
    if (!body.success) return refuse(context, 400, 'Bad Request');
    const entry = find(context.req.param('access'));
    if (!entry) return refuse(context, 404, 'Not Found');
    const { status } = body.data.credential;
    if (status) ledger.enable(entry, status === 'active');
    const { description, ...shown } = show(entry);
    return context.json({ credential: shown });
  });

  app.delete('/:access', (context) => {
    const entry = find(context.req.param('access'));
    if (!entry) return refuse(context, 404, 'Not Found');
    ledger.remove(entry);
    return context.body(null, 204);
  });
  return app;
}

function show({ id, label, owner, enabled, createdAt }: Entry<Kind>) {
  const create_time = createdAt.replace('Z', '000Z');
  return {
    access: id,
    status: enabled ? 'active' : 'inactive',
    create_time,
    user_id: owner,
    description: label,
  };
}

const refuse = (
  context: Context<Env>,
  status: Status,
  title: string,
  message = 'the request was refused',
) => context.json({ error: { message, code: status, title } }, status);
