import {
  type Behaviour,
  createParts,
  createVendor,
  type Entry,
  type Env,
  hex,
  json,
  logins,
  type Parts,
  type SimulatedVendor,
  uuid,
  type VendorOptions,
} from 'cdk-rekey/provider/testing';
import { type Context, Hono } from 'hono';
import * as z from 'zod';

const token = 'simulated-acme-registry-admin-token';
const projectId = '5d3c6a0e-7f41-4b58-9a0d-2c8f1e6b4a97';

/** Acme Registry: the API of one project, and its registry. */
export function createSimulatedAcmeRegistry(
  options: VendorOptions,
): SimulatedVendor<AcmeRegistryBehaviour> {
  const parts = createParts<string, AcmeRegistryBehaviour>(options, { mayWrite: true });
  const { random, ledger } = parts;
  return createVendor(parts, {
    provider: 'acme-registry',
    admin: JSON.stringify({ token }),
    params: { projectId },
    api: acmeRegistryApi(parts),
    registry: parts.registry({
      service: 'registry.acme-registry.example',
      login: logins(ledger, (scopes, _repository, action) => scopes.includes(action)),
    }),
    plant(label) {
      const login = { id: uuid(random), label, username: label };
      const planted = { ...login, owner: 'stranger', scopes: ['pull'] };
      return { id: ledger.add(planted, hex(20, random)).id };
    },
  });
}

/** The switches of this vendor's quirks, for its tests. */
export interface AcmeRegistryBehaviour extends Behaviour {
  /** The admin token may create and delete tokens. */
  mayWrite: boolean;
}

type Status = 400 | 401 | 403 | 404 | 500;

const Posted = z.object({ name: z.string().min(1), expiresAt: z.iso.datetime().optional() });

/** The calls about tokens. Source: made up. */
function acmeRegistryApi({
  random,
  faults,
  ledger,
  behaviour,
}: Parts<string, AcmeRegistryBehaviour>): Hono<Env> {
  const app = new Hono<Env>().basePath('/v1/projects/:project');
  app.use('*', faults.middleware);
  app.notFound((context) => refuse(context, 404, 'not found'));
  app.onError((_error, context) => refuse(context, 500, 'internal server error'));
  app.use('*', async (context, next) => {
    if (context.req.header('authorization') !== `Bearer ${token}`)
      return refuse(context, 401, 'unauthorized');
    if (context.req.param('project') !== projectId) return refuse(context, 404, 'no such project');
    if (context.req.method !== 'GET' && !behaviour.mayWrite)
      return refuse(context, 403, 'the token may only read');
    return next();
  });

  app.get('/tokens', (context) => {
    const { offset = '0', limit = '20' } = context.req.query();
    const all = ledger.live();
    const items = all.slice(Number(offset), Number(offset) + Math.min(Number(limit), 100));
    return context.json({ items: items.map(show), total: all.length });
  });

  app.post('/tokens', async (context) => {
    const body = Posted.safeParse(await json(context));
    if (!body.success) return refuse(context, 400, 'invalid token');
    const { name, expiresAt } = body.data;
    const password = hex(20, random);
    const made = ledger.add(
      {
        id: uuid(random),
        label: name,
        username: name,
        owner: projectId,
        scopes: ['pull'],
        expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
      },
      password,
    );
    const shown = behaviour.secretless ? {} : { username: name, password };
    return context.json({ ...show(made), ...shown }, 201);
  });

  app.delete('/tokens/:token', (context) => {
    const found = ledger.find(context.req.param('token'));
    if (!found) return refuse(context, 404, 'no such token');
    ledger.remove(found);
    return context.body(null, 204);
  });
  return app;
}

const show = ({ id, label, createdAt, expiresAt }: Entry<string>) => ({
  id,
  name: label,
  createdAt,
  expiresAt,
});

const refuse = (context: Context<Env>, status: Status, message: string) =>
  context.json({ message }, status);
