import { createHash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { DAY, HOUR, plus, SECOND } from '../../../core/time.ts';
import { hex } from '../ledger.ts';
import type { Env } from '../vendor.ts';
import { account, type HuaweiModel, type Status } from './gateway.ts';

/** The temporary logins of SWR's basic edition, after its API reference. */
export function basicApi({ clock, random, ledger, behaviour, at }: HuaweiModel): Hono<Env> {
  const app = new Hono<Env>();
  app.use('*', async (context, next) => (behaviour.privileged ? next() : refuse(context, 403)));

  const issue = (context: Context<Env>, username: string, lifetime: number) => {
    const password = hex(32, random);
    const expiresAt = plus(clock.now(), lifetime);
    // the service returns no id: this one is the model's own
    const id = createHash('sha256').update(`${username}:${password}`).digest('hex').slice(0, 32);
    ledger.add(
      { id, label: '', username, owner: account.adminId, scopes: ['temporary'], expiresAt },
      password,
    );
    const host = at.registry;
    context.header('x-swr-dockerlogin', `docker login -u ${username} -p ${password} ${host}`);
    context.header('x-swr-expireat', expiresAt.toISOString().replace('Z', '000Z'));
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    return context.json({ auths: behaviour.secretless ? {} : { [host]: { auth } } });
  };

  app.post('/utils/secret', (context) => {
    const { projectname = account.region, duration_seconds } = context.req.query();
    if (projectname !== account.region) return refuse(context, 400);
    const seconds = Number(duration_seconds ?? 6 * 3600);
    if (!(seconds >= 900 && seconds <= 86_400)) return refuse(context, 400);
    const lifetime = behaviour.takesDurations ? seconds * SECOND : 6 * HOUR;
    return issue(context, `${projectname}@${hex(10, random).toUpperCase()}`, lifetime);
  });

  app.post('/utils/authorizationtoken', (context) =>
    issue(context, `bearertoken@${account.adminId.slice(0, 9).toUpperCase()}`, DAY),
  );

  app.get('/namespaces', (context) =>
    context.json({ namespaces: [{ id: 1, name: 'team', creator_name: 'simulated', auth: 7 }] }),
  );
  return app;
}

const refuse = (context: Context<Env>, status: Status) =>
  context.json(
    [
      {
        errorCode: `SVCSTG.SWR.${status}0000`,
        errorMessage: 'the request was refused',
        detail: '',
      },
    ],
    status,
  );
