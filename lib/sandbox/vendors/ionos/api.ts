import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { HOUR } from '../../../core/time.ts';
import { type Entry, hex, uuid } from '../ledger.ts';
import type { Parts } from '../parts.ts';
import { type Behaviour, type Env, json } from '../vendor.ts';

/** Switches of the simulated IONOS. */
export interface IonosBehaviour extends Behaviour {
  /** A registry that is not yet Running has no host name. */
  registryState: 'New' | 'Running';
  /** Status of a create: 201 in the API document, 200 in a sample of the guide. */
  createStatus: 200 | 201;
  /** How long a deleted token's name stays taken, in milliseconds of the clock. */
  nameHeldFor: number;
  /** The admin user may manage registries. */
  privileged: boolean;
}

/** A scope of a token. The API stores any type and any actions. */
export interface IonosScope {
  readonly type: string;
  readonly name: string;
  readonly actions?: readonly string[] | null | undefined;
}

interface IonosModel extends Parts<IonosScope, IonosBehaviour> {
  /** Accepted values of the Authorization header. */
  readonly authorizations: readonly string[];
  readonly registryId: string;
  readonly contractNumber: string;
}

type Token = Entry<IonosScope>;
type Status = 400 | 401 | 403 | 404 | 409 | 500;

const changes = {
  expiryDate: z.iso.datetime({ offset: true }).nullish(),
  // any type is accepted: samples of the Ansible module hold "repo"
  scopes: z
    .array(
      z.object({ type: z.string(), name: z.string(), actions: z.array(z.string()).nullable() }),
    )
    .nullish(),
  status: z.enum(['enabled', 'disabled']).optional(),
};
const Posted = z.object({
  properties: z.object({
    name: z.string().regex(/^[A-Za-z][-A-Za-z0-9]{0,61}[A-Za-z0-9]$/),
    ...changes,
  }),
});
const Patched = z.strictObject(changes);

/** Path of the API. The started vendor's endpoint ends with it. */
export const ionosBase = '/containerregistries';

/** The token calls of IONOS' container registry API 1.2.1, after its OpenAPI document and SDKs. */
export function ionosApi(model: IonosModel): Hono<Env> {
  const { clock, random, ledger, behaviour } = model;
  const app = new Hono<Env>().basePath(ionosBase);
  app.use('*', model.faults.middleware);
  app.notFound((context) => refuse(context, 404, 'not found'));
  app.onError((_error, context) => refuse(context, 500, 'internal server error'));

  app.use('/registries/*', async (context, next) => {
    if (!model.authorizations.includes(context.req.header('authorization') ?? ''))
      return refuse(context, 401, 'Unauthorized');
    if (!behaviour.privileged)
      return refuse(context, 403, 'access denied: accessAndManageRegistries is required');
    const contract = context.req.header('x-contract-number') ?? model.contractNumber;
    if (contract !== model.contractNumber)
      return refuse(context, 403, 'access denied: the contract is not yours');
    const [id = '', , token = id] = context.req.path
      .slice(`${ionosBase}/registries/`.length)
      .split('/');
    if (!z.guid().safeParse(id).success || !z.guid().safeParse(token).success)
      return refuse(context, 400, 'invalid id');
    if (id.toLowerCase() !== model.registryId)
      return refuse(context, 404, 'not found: registry does not exist');
    return next();
  });

  app.get('/registries/:registry', (context) => {
    const state = behaviour.registryState;
    const hostname = state === 'Running' ? model.at.registry : '';
    const properties = {
      name: 'simulated',
      location: 'de/txl',
      hostname,
      apiSubnetAllowList: null,
      storageUsage: { bytes: 0 },
    };
    return context.json({
      id: model.registryId,
      type: 'registry',
      href: '',
      metadata: { ...made(clock.now()), state },
      properties,
    });
  });

  app.get('/registries/:registry/tokens', (context) => {
    const { offset = '0', limit = '100' } = context.req.query();
    if (!/^\d{1,9}$/.test(offset) || !/^[1-9]\d{0,8}$/.test(limit))
      return refuse(context, 400, 'invalid offset or limit');
    const all = ledger.live();
    const from = Number(offset);
    const items = all
      .slice(from, from + Math.min(Number(limit), 100))
      .map((token) => show(token, ''));
    const _links = { self: '', next: '', previous: '' };
    return context.json({
      _links,
      offset: from,
      limit: Number(limit),
      count: items.length,
      total: all.length,
      items: items.length > 0 ? items : null,
    });
  });

  app.post('/registries/:registry/tokens', async (context) => {
    const body = Posted.safeParse(await json(context));
    if (!body.success) return refuse(context, 400, 'validation error');
    const { name, scopes, status, expiryDate } = body.data.properties;
    if (tooSoon(expiryDate))
      return refuse(context, 400, 'expiryDate must be at least one hour in the future');
    const held = clock.now().getTime() - ledger.deletedAt(name) < behaviour.nameHeldFor;
    if (held || ledger.live().some(({ username }) => username === name))
      return refuse(context, 409, 'already exists: name is not available');
    const password = hex(32, random);
    const expiresAt = expiryDate ? new Date(expiryDate) : undefined;
    const token = ledger.add(
      {
        id: uuid(random),
        label: name,
        username: name,
        owner: 'admin',
        scopes: scopes ?? [],
        expiresAt,
      },
      password,
    );
    if (status === 'disabled') ledger.enable(token, false);
    context.header('location', `${context.req.path}/${token.id}`);
    return context.json(show(token, behaviour.secretless ? '' : password), behaviour.createStatus);
  });

  app.get('/registries/:registry/tokens/:token', (context) => {
    const token = ledger.find(context.req.param('token'));
    return token
      ? context.json(show(token, ''))
      : refuse(context, 404, 'not found: token does not exist');
  });

  app.patch('/registries/:registry/tokens/:token', async (context) => {
    const body = Patched.safeParse(await json(context));
    if (!body.success) return refuse(context, 400, 'validation error');
    const { status, scopes, expiryDate } = body.data;
    const token = ledger.find(context.req.param('token'));
    if (!token) return refuse(context, 404, 'not found: token does not exist');
    if (tooSoon(expiryDate))
      return refuse(context, 400, 'expiryDate must be at least one hour in the future');
    if (status) ledger.enable(token, status === 'enabled');
    if (scopes) token.scopes = scopes;
    if (expiryDate !== undefined) token.expiresAt = expiryDate ?? undefined;
    return context.json(show(token, ''));
  });

  app.delete('/registries/:registry/tokens/:token', (context) => {
    const token = ledger.find(context.req.param('token'));
    if (!token) return refuse(context, 404, 'not found: token does not exist');
    ledger.remove(token);
    return context.body(null, 204);
  });

  const tooSoon = (date: string | null | undefined) =>
    typeof date === 'string' && Date.parse(date) < clock.now().getTime() + HOUR;
  return app;
}

/**
 * A token in the form of the API. The answer to its creation holds the password; later answers hold
 * "".
 */
function show({ id, username, scopes, expiresAt, enabled, createdAt }: Token, password: string) {
  const status = enabled ? 'enabled' : 'disabled';
  const properties = {
    name: username,
    scopes,
    expiryDate: expiresAt ?? null,
    status,
    credentials: { username, password },
  };
  return {
    id,
    type: 'token',
    href: '',
    metadata: { ...made(new Date(createdAt)), state: status },
    properties,
  };
}

const made = (date: Date) => ({
  createdBy: 'admin@example.test',
  createdByUserId: '8eb792e4-494c-11ed-b878-0242ac120002',
  createdDate: date.toISOString(),
});

const refuse = (context: Context<Env>, status: Status, message: string) =>
  context.json({ httpStatus: status, messages: [{ errorCode: '0', message }] }, status);
