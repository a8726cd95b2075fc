import { createHash, randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Clock } from '../../core/ports.ts';
import { createFaults, type Faults } from '../faults.ts';
import { type Access, type Claims, freshSigner, type TokenSigner, tokens } from './token.ts';

/** The rights of a login. */
export interface Grant {
  /** The username, as the tokens name it. */
  readonly account: string;
  /** True if the login may do this. */
  allows(repository: string, action: string): boolean;
}

/**
 * How a registry treats logins. `own`: by its own rules. `anonymous`: every wrong login gets a
 * token without rights. `refuses`: every request is refused. `accepts`: every login is accepted.
 */
export type Mood = 'own' | 'anonymous' | 'refuses' | 'accepts';

/** Called for each login. Returns `undefined` if the login is unknown or wrong. */
export type LoginCheck = (username: string, password: string) => Grant | undefined;

/** How a simulated registry authenticates, answers and reports errors. */
export interface RegistryOptions {
  /** The time that tokens are issued and expire by. */
  readonly clock: Clock;
  /** Name in the challenge and in the `aud` of the tokens, e.g. "quay.io". */
  readonly service: string;
  /** The logins of the registry. */
  readonly login: LoginCheck;
  /** Asks for a token, or for a password. @default 'token' */
  readonly auth?: 'token' | 'basic';
  /** Path of the token server on this host. @default '/v2/auth' */
  readonly tokenPath?: string;
  /** URL of a token server on another host. */
  readonly realm?: string;
  /** Origin that the challenge names for `tokenPath`: a host that leads here as well. */
  readonly tokenOrigin?: () => string;
  /** Tokens are random text that only this registry can read. @default false */
  readonly opaqueTokens?: boolean;
  /** Signs the tokens. @default a fresh ES256 key, with the service as the issuer */
  readonly signer?: TokenSigner;
  /** Style of the error bodies. @default 'docker' */
  readonly errors?: 'quay' | 'docker';
  /**
   * A wrong login that asks for a scope continues as anonymous, as at Harbor. Without a scope it is
   * refused. @default false
   */
  readonly fallsBack?: boolean;
  /** Repositories that anonymous clients may pull. @default none */
  readonly isPublic?: (repository: string) => boolean;
  /** How it treats logins now. @default always `own` */
  readonly mood?: () => Mood;
  /** Repository → tag → manifest. */
  readonly repositories?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The type parameter of Hono for a server of Node. */
type Env = { Bindings: HttpBindings };
type Caller = Grant | 'anonymous' | 'refused';

/**
 * A registry host that asks for a token as Quay and Docker's registry do
 * (https://distribution.github.io/distribution/spec/auth/token/), or for a password (`auth:
 * 'basic'`).
 */
export function createRegistry(options: RegistryOptions): {
  readonly app: Hono<Env>;
  readonly faults: Faults;
} {
  const {
    clock,
    service,
    login,
    tokenPath = '/v2/auth',
    errors = 'docker',
    repositories = {},
  } = options;
  const { mood = () => 'own', isPublic = () => false } = options;
  const basic = options.auth === 'basic';
  const signer = tokens(options.signer ?? freshSigner(service));
  const opaque = new Map<string, Claims>();
  const faults = createFaults();
  const app = new Hono<Env>();

  const realm = (context: Context) =>
    options.realm ?? `${options.tokenOrigin?.() ?? new URL(context.req.url).origin}${tokenPath}`;
  const challenge = (context: Context, more = '') =>
    basic
      ? `Basic realm="${service}"`
      : `Bearer realm="${realm(context)}",service="${service}"${more}`;

  const refuse = (
    context: Context<Env>,
    status: 400 | 401 | 403 | 404 | 405,
    code: string,
    message: string,
    more?: string,
  ) => {
    if (status === 401) context.header('www-authenticate', challenge(context, more));
    return context.json(
      { errors: [{ code, message, detail: errors === 'quay' ? {} : null }] },
      status,
    );
  };

  function caller(context: Context): Caller {
    const feeling = mood();
    if (feeling === 'refuses') return 'refused';
    if (feeling === 'accepts' && context.req.header('authorization'))
      return { account: 'anybody', allows: () => true };
    const who = named(context);
    const lenient =
      feeling === 'anonymous' || (options.fallsBack && context.req.query('scope') !== undefined);
    return who === 'refused' && lenient ? 'anonymous' : who;
  }

  function named(context: Context): Caller {
    const header = context.req.header('authorization');
    if (header === undefined) return 'anonymous';
    const pair = /^basic +(\S+)$/i.exec(header)?.[1];
    const [, username, password] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(pair ?? '', 'base64').toString('utf8')) ?? [];
    return (
      (username !== undefined && password !== undefined && login(username, password)) || 'refused'
    );
  }

  /** The claims of the request's bearer token, if this registry issued it and it is still valid. */
  function bearer(context: Context): Claims | undefined {
    const token = /^bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? '';
    const claims = options.opaqueTokens ? opaque.get(token) : signer.open(token);
    if (mood() === 'refuses') return undefined;
    const now = clock.now().getTime() / 1000;
    return claims && claims.aud === service && claims.exp > now && claims.nbf <= now + 1
      ? claims
      : undefined;
  }

  app.use('*', faults.middleware);
  // without this, hono prints errors of `login`, and they could hold a secret
  app.onError((_error, context) =>
    context.json({ errors: [{ code: 'UNKNOWN', message: 'unknown error' }] }, 500),
  );
  app.notFound((context) => refuse(context, 404, 'NOT_FOUND', 'not found'));
  app.use('/v2/*', async (context, next) => {
    await next();
    context.header('docker-distribution-api-version', 'registry/2.0');
  });

  app.all(tokenPath, (context) => {
    if (basic || options.realm) return refuse(context, 404, 'NOT_FOUND', 'not found');
    if (context.req.method !== 'GET')
      return refuse(context, 405, 'UNSUPPORTED', 'The operation is unsupported.');
    const who = caller(context);
    const scopes = (context.req.queries('scope') ?? [])
      .flatMap((scope) => scope.split(' '))
      .filter((scope) => scope !== '');
    if (who === 'refused') return refuse(context, 401, 'UNAUTHORIZED', wrong[errors]);
    // Quay distinguishes a request without a login from an anonymous pull by the scope
    if (who === 'anonymous' && scopes.length === 0 && mood() !== 'anonymous')
      return refuse(context, 401, 'UNAUTHORIZED', unauthorized[errors]);
    const access: Access[] = [];
    for (const scope of scopes) {
      const [, type, name, actions] =
        /^([a-z0-9]+):([^\s:]+(?::\d+\/[^\s:]+)?):([a-z*]+(?:,[a-z*]+)*)$/.exec(scope) ?? [];
      if (!type || !name || !actions)
        return refuse(context, 400, 'INVALID_REQUEST', 'Unable to decode repository and actions');
      const may = (action: string) =>
        who === 'anonymous'
          ? action === 'pull' && isPublic(name)
          : who.allows(name, action) || (action === 'pull' && isPublic(name));
      const granted = type === 'repository' ? actions.split(',').filter(may) : [];
      access.push({ type, name, actions: granted });
    }
    const account = who === 'anonymous' ? '' : who.account;
    const claims = signer.claims(
      account,
      context.req.query('service') ?? service,
      access,
      clock.now(),
    );
    const token = options.opaqueTokens ? randomUUID() : signer.sign(claims);
    if (options.opaqueTokens) opaque.set(token, claims);
    if (errors === 'quay') return context.json({ token });
    return context.json({
      token,
      access_token: token,
      expires_in: claims.exp - claims.iat,
      issued_at: new Date(claims.iat * 1000).toISOString(),
    });
  });

  app.get('/v2/', (context) => {
    const who = basic ? caller(context) : undefined;
    if (basic ? typeof who === 'object' : bearer(context)) return context.json({});
    if (errors === 'quay' && !context.req.header('authorization')) {
      return context.body('true', 401, {
        'www-authenticate': challenge(context),
        'content-type': 'application/json',
      });
    }
    return refuse(context, 401, 'UNAUTHORIZED', unauthorized[errors]);
  });

  app.get('/v2/:repository{.+}/manifests/:reference', (context) => {
    const { repository, reference } = context.req.param();
    if (basic) {
      const who = caller(context);
      if (typeof who === 'string')
        return refuse(context, 401, 'UNAUTHORIZED', unauthorized[errors]);
      if (!who.allows(repository, 'pull'))
        return refuse(context, 403, 'DENIED', 'requested access to the resource is denied');
    } else {
      const access = bearer(context)?.access;
      if (
        !access?.some(
          ({ type, name, actions }) =>
            type === 'repository' && name === repository && actions.includes('pull'),
        )
      ) {
        const scope = `,scope="repository:${repository}:pull"`;
        const more = access ? `${scope},error="insufficient_scope"` : scope;
        return refuse(context, 401, 'UNAUTHORIZED', unauthorized[errors], more);
      }
    }
    const tags = repositories[repository];
    if (!tags) return refuse(context, 404, 'NAME_UNKNOWN', 'repository name not known to registry');
    const manifest =
      tags[reference] ?? Object.values(tags).find((text) => digest(text) === reference);
    if (manifest === undefined) return refuse(context, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
    return context.body(manifest, 200, {
      'content-type': mediaType(manifest),
      'docker-content-digest': digest(manifest),
    });
  });

  return { app, faults };
}

/**
 * The answers to a wrong password. Quay's text names the robot; a client must neither need nor show
 * it.
 */
const wrong = {
  quay: 'Could not find robot with specified username and supplied password.',
  docker: 'authentication required',
};
const unauthorized = {
  quay: 'access to the requested resource is not authorized',
  docker: 'authentication required',
};

const digest = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

function mediaType(manifest: string): string {
  const told = /"mediaType"\s*:\s*"([^"]+)"/.exec(manifest)?.[1];
  return told ?? 'application/vnd.oci.image.manifest.v1+json';
}
