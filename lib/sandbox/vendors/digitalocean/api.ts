import { createHash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { MINUTE, plus, SECOND } from '../../../core/time.ts';
import { type Entry, hex, uuid } from '../ledger.ts';
import type { Parts } from '../parts.ts';
import type { Behaviour, Env } from '../vendor.ts';

/** Switches of the simulated DigitalOcean. */
export interface DigitaloceanBehaviour extends Behaviour {
  /**
   * The login is `<token>:<token>` and a line break, as before 2025, instead of `<e-mail
   * address>:<token>`.
   */
  oldForm: boolean;
  /** Scopes of the admin's personal access token. */
  scopes: readonly string[];
  /** Number of registries of the account. The deprecated paths work only with one. */
  registries: number;
  /** Which rate limit is exceeded. */
  throttled: 'never' | 'burst' | 'hour';
  /** A docker credential may read the account. */
  seesAccount: boolean;
  /** Status for the revocation of a token that no longer exists; undocumented. */
  revokedAgain: 200 | 400 | 401 | 403 | 404;
}

interface DigitaloceanModel extends Parts<string, DigitaloceanBehaviour> {
  /** The admin's personal access token. */
  readonly token: string;
  readonly registryName: string;
}

/** E-mail address of the account, the username of every docker credential. */
export const EMAIL = 'owner@simulated-account.test';

/** A token in the form of a personal access token: `dop_v1_` and 64 hexadecimal digits. */
export const freshToken = (random?: () => number): string => `dop_v1_${hex(32, random)}`;

/** The id that rekey derives for a token. DigitalOcean has none, so the ledger uses it too. */
export const fingerprint = (token: string): string =>
  createHash('sha256').update(`rekey/digitalocean/${token}`).digest('hex').slice(0, 24);

/**
 * The docker-credentials calls of DigitalOcean's API document (revision 7c1300c of
 * github.com/digitalocean/openapi), with the query parameters that godo sends, and the revocation
 * as doctl and the Terraform provider use it.
 */
export function digitaloceanApi(model: DigitaloceanModel): Hono<Env> {
  const { clock, random, ledger, behaviour, registryName } = model;
  const app = new Hono<Env>();

  const refuse = (context: Context<Env>, error: keyof typeof errors) => {
    const { status, ...body } = errors[error];
    return context.json({ ...body, request_id: uuid(random) }, status);
  };
  const bearer = (context: Context<Env>) =>
    /^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '')?.[1] ?? '';
  const entryOf = (token: string) => ledger.find(fingerprint(token));

  app.use('*', model.faults.middleware);
  app.onError((_error, context) => refuse(context, 'server_error'));
  app.notFound((context) => refuse(context, 'not_found'));

  app.use('*', async (context, next) => {
    const now = clock.now();
    context.header('ratelimit-limit', '5000');
    context.header('ratelimit-remaining', behaviour.throttled === 'hour' ? '0' : '4816');
    context.header('ratelimit-reset', String(Math.ceil(plus(now, 30 * MINUTE).getTime() / SECOND)));
    if (behaviour.throttled === 'burst') context.header('retry-after', '29');
    return behaviour.throttled === 'never' ? next() : refuse(context, 'too_many_requests');
  });

  app.use('/v2/*', async (context, next) => {
    const token = bearer(context);
    const known = token === model.token || entryOf(token) !== undefined;
    return known ? next() : refuse(context, 'unauthorized');
  });

  app.get('/v2/account', (context) => {
    if (bearer(context) !== model.token && !behaviour.seesAccount)
      return refuse(context, 'forbidden');
    return context.json({ account: { email: EMAIL, email_verified: true, status: 'active' } });
  });

  app.use('/v2/:registries{registr(?:y|ies)}/*', async (context, next) => {
    const allowed = bearer(context) === model.token && behaviour.scopes.includes('registry:read');
    return allowed ? next() : refuse(context, 'forbidden');
  });

  app.use('/v2/registry/*', async (context, next) =>
    behaviour.registries > 1 ? refuse(context, 'precondition_failed') : next(),
  );
  app.use('/v2/registries/:name/*', async (context, next) =>
    context.req.param('name') === registryName ? next() : refuse(context, 'not_found'),
  );

  const show = (context: Context<Env>) =>
    context.json({
      registry: { name: registryName, region: 'fra1', created_at: '2020-03-21T16:02:37Z' },
    });

  /** Creates a token, although it is a GET. */
  const mint = (context: Context<Env>) => {
    const { expiry_seconds: seconds = '0', read_write: readWrite = 'false' } = context.req.query();
    if (!/^\d{1,10}$/.test(seconds) || !['true', 'false'].includes(readWrite))
      return refuse(context, 'unprocessable_entity');
    if (readWrite === 'true' && !behaviour.scopes.includes('registry:update'))
      return refuse(context, 'forbidden');
    const now = clock.now();
    const made = freshToken(random);
    ledger.add(
      {
        id: fingerprint(made),
        label: `container-registry-${registryName}-${now.getTime()}`,
        username: EMAIL,
        owner: EMAIL,
        scopes: readWrite === 'true' ? ['pull', 'push', 'delete'] : ['pull'],
        expiresAt: seconds === '0' ? undefined : plus(now, Number(seconds) * SECOND),
      },
      made,
    );
    const pair = behaviour.oldForm ? `${made}:${made}\n` : `${EMAIL}:${made}`;
    const auth = behaviour.secretless ? {} : { auth: Buffer.from(pair).toString('base64') };
    return context.json({ auths: { [model.at.registry]: auth } });
  };

  app.get('/v2/registries', (context) =>
    context.json({ registries: [{ name: registryName, region: 'fra1' }] }),
  );
  app.get('/v2/registry', show);
  app.get('/v2/registries/:name', show);
  app.get('/v2/registry/docker-credentials', mint);
  app.get('/v2/registries/:name/docker-credentials', mint);

  /** A token can only revoke itself. Even the admin's token cannot revoke another one. */
  app.post('/v1/oauth/revoke', async (context) => {
    const form = context.req
      .header('content-type')
      ?.startsWith('application/x-www-form-urlencoded');
    const token = form ? new URLSearchParams(await context.req.text()).get('token') : undefined;
    const [own, wanted] = [bearer(context), token ?? ''];
    const entry: Entry<string> | undefined = entryOf(own);
    if (!entry) {
      if (own === model.token) return refuse(context, 'forbidden');
      return behaviour.revokedAgain === 200
        ? context.json({})
        : refuse(context, again[behaviour.revokedAgain]);
    }
    if (wanted === '') return refuse(context, 'bad_request');
    if (own !== wanted) return refuse(context, 'forbidden');
    ledger.remove(entry);
    return context.json({});
  });
  return app;
}

const errors = {
  bad_request: { status: 400, id: 'bad_request', message: 'The request is missing a parameter.' },
  unauthorized: { status: 401, id: 'unauthorized', message: 'Unable to authenticate you.' },
  forbidden: {
    status: 403,
    id: 'forbidden',
    message: 'You do not have permission to perform this action.',
  },
  not_found: {
    status: 404,
    id: 'not_found',
    message: 'The resource you requested could not be found.',
  },
  precondition_failed: {
    status: 412,
    id: 'precondition_failed',
    message: 'This API is not supported if you have created multiple registries.',
  },
  unprocessable_entity: {
    status: 422,
    id: 'unprocessable_entity',
    message: 'A parameter is invalid.',
  },
  too_many_requests: { status: 429, id: 'too_many_requests', message: 'API rate limit exceeded.' },
  server_error: { status: 500, id: 'server_error', message: 'Unexpected server-side error' },
} as const;

const again = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
} as const;
