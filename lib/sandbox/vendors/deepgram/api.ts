import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { type Entry, hex, uuid } from '../ledger.ts';
import type { Parts } from '../parts.ts';
import { type Behaviour, type Env, json } from '../vendor.ts';

/** Switches of the simulated Deepgram. */
export interface DeepgramBehaviour extends Behaviour {
  /**
   * A create answers `{ member, distribution_credentials }`, as in the API document, instead of a
   * bare object.
   */
  wrapped: boolean;
  /** Status for an unknown id; undocumented. */
  unknownId: 400 | 404;
  /** Form of Deepgram's error bodies. */
  errorBody: 'modern' | 'legacy' | 'text';
  /** A create ignores the scopes in the body and grants all products. */
  grantsAll: boolean;
  /** The API key has the scope keys:write. */
  mayWrite: boolean;
  /**
   * The API key has members:read, admins:read and owners:read. Without them the list holds only the
   * credentials of its own account.
   */
  readsAll: boolean;
}

interface DeepgramModel extends Parts<string, DeepgramBehaviour> {
  readonly apiKey: string;
  readonly projectId: string;
}

const scope = z.enum([
  'self-hosted:products',
  'self-hosted:product:api',
  'self-hosted:product:engine',
  'self-hosted:product:license-proxy',
  'self-hosted:product:dgtools',
  'self-hosted:product:billing',
  'self-hosted:product:hotpepper',
  'self-hosted:product:metrics-server',
]);
const Posted = z.object({
  provider: z.literal('quay'),
  comment: z.string(),
  scopes: z.array(scope),
  tags: z.array(z.string()).optional(),
});

/** The account that the API key belongs to. */
export const OWNER = {
  member_id: '3376abcd-8e5e-49d3-92d4-876d3a4f0363',
  email: 'admin@example.test',
};
const STRANGER = {
  member_id: '9c2f1c6e-6f57-4a5c-9d7e-0f3f6f2f1a11',
  email: 'stranger@example.test',
};

/** Deepgram's distribution credentials, after the tests of its Rust SDK and its errors page. */
export function deepgramApi({
  random,
  faults,
  ledger,
  behaviour,
  apiKey,
  projectId,
}: DeepgramModel): Hono<Env> {
  const root = '/v1/projects/:project/self-hosted/distribution/credentials';
  const app = new Hono<Env>();
  app.use('*', faults.middleware);

  const refuse = (context: Context<Env>, error: keyof typeof errors) => {
    const { status, ...modern } = errors[error];
    const request_id = uuid(random);
    if (behaviour.errorBody === 'text')
      return context.text(`${modern.message} ${modern.details}`, status);
    if (behaviour.errorBody === 'modern') return context.json({ ...modern, request_id }, status);
    return context.json({ err_code: modern.category, err_msg: modern.message, request_id }, status);
  };
  const unknown = (context: Context<Env>) =>
    refuse(context, behaviour.unknownId === 404 ? 'noCredential' : 'badRequest');
  const visible = () =>
    ledger.live().filter(({ owner }) => behaviour.readsAll || owner === OWNER.member_id);

  app.onError((_error, context) => refuse(context, 'failed'));
  app.notFound((context) => refuse(context, 'noProject'));
  for (const path of [root, `${root}/:id`]) {
    app.use(path, async (context, next) => {
      if (context.req.header('authorization') !== `Token ${apiKey}`)
        return refuse(context, 'noAuth');
      if (context.req.param('project') !== projectId) return refuse(context, 'noProject');
      if (context.req.method !== 'GET' && !behaviour.mayWrite) return refuse(context, 'noRight');
      return next();
    });
  }

  app.get(root, (context) => context.json({ distribution_credentials: visible().map(element) }));

  app.post(root, async (context) => {
    const body = Posted.safeParse(await json(context));
    if (!body.success) return refuse(context, 'badRequest');
    const { comment } = body.data;
    const scopes = behaviour.grantsAll ? ['self-hosted:products'] : body.data.scopes;
    const id = uuid(random);
    const secret = hex(32, random).toUpperCase();
    const entry = ledger.add(
      { id, label: comment, username: `deepgram+${id}`, owner: OWNER.member_id, scopes },
      secret,
    );
    const { member, distribution_credentials } = element(entry);
    const shown = behaviour.secretless
      ? distribution_credentials
      : { ...distribution_credentials, username: entry.username, secret };
    return context.json(behaviour.wrapped ? { member, distribution_credentials: shown } : shown);
  });

  app.get(`${root}/:id`, (context) => {
    const entry = visible().find(({ id }) => id === context.req.param('id'));
    return entry ? context.json(element(entry)) : unknown(context);
  });

  app.delete(`${root}/:id`, (context) => {
    const entry = ledger.find(context.req.param('id'));
    if (!entry) return unknown(context);
    ledger.remove(entry);
    return context.json({ message: 'Successfully deleted the distribution credentials!' });
  });
  return app;
}

/**
 * One element of the list, and the answer for a single credential: without username and secret, and
 * without an empty comment.
 */
function element({ id, label, scopes, owner, createdAt }: Entry<string>) {
  return {
    member: owner === OWNER.member_id ? OWNER : STRANGER,
    distribution_credentials: {
      distribution_credentials_id: id,
      provider: 'quay',
      ...(label !== '' && { comment: label }),
      scopes,
      created: createdAt,
    },
  };
}

const errors = {
  badRequest: {
    status: 400,
    category: 'INVALID_JSON',
    message: 'Invalid JSON submitted.',
    details: 'Json deserialize error: missing field `comment` at line 1 column 20',
  },
  noAuth: {
    status: 401,
    category: 'INVALID_AUTH',
    message: 'Invalid credentials.',
    details: 'Check your API key.',
  },
  noRight: {
    status: 403,
    category: 'UNAUTHORIZED',
    message: 'Authentication failed.',
    details: 'Check that you are using the correct credentials.',
  },
  noProject: {
    status: 404,
    category: 'NOT_FOUND',
    message: 'A project with the submitted ID cannot be found.',
    details: [
      'Check that you have submitted the intended project ID and that the project has not been',
      'deleted.',
    ].join(' '),
  },
  noCredential: {
    status: 404,
    category: 'NOT_FOUND',
    message: 'The credentials cannot be found.',
    details: 'Check the ID.',
  },
  failed: {
    status: 500,
    category: 'INTERNAL_SERVER_ERROR',
    message: 'Internal server error.',
    details: 'Try again.',
  },
} as const;
