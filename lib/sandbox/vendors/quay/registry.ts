import { createHash, generateKeyPairSync } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { Clock } from '../../../core/ports.ts';
import { createFaults, type Faults } from '../../faults.ts';
import { createRegistry, type LoginCheck } from '../../registry/index.ts';
import { type Claims, tokens } from '../../registry/token.ts';
import type { Env } from '../vendor.ts';
import type { QuayBehaviour } from './api.ts';

/** A token that a login received for a repository. */
export interface IssuedToken {
  /** The beginning of its SHA-256: Quay gives tokens no id. */
  readonly id: string;
  readonly account: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

interface Options {
  readonly clock: Clock;
  readonly login: LoginCheck;
  readonly behaviour: QuayBehaviour;
  readonly repositories: () => readonly string[];
  /** True if the token server answers without a token. */
  readonly tokenless: () => boolean;
}

const SERVICE = 'quay.io';
/** Number of tokens that are remembered. */
const REMEMBERED = 1000;

/**
 * Quay's registry host. It signs its tokens and stores none, so a token stays valid for its hour
 * even if its robot is deleted. Tokens open the tags and the referrers of a repository.
 */
export function quayRegistry({ clock, login, behaviour, repositories, tokenless }: Options) {
  const faults: Faults = createFaults();
  const issued: IssuedToken[] = [];
  let key = freshKey();
  const signer = () => ({ key, issuer: 'quay', algorithm: 'ES256' }) as const;
  const registry = () =>
    createRegistry({
      clock,
      service: SERVICE,
      errors: 'quay',
      login,
      signer: signer(),
      mood: () => behaviour.registry,
    }).app;
  let inner = registry();

  const claimsOf = (context: Context): Claims | undefined => {
    const claims = tokens(signer()).open(
      /^bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? '',
    );
    return claims &&
      claims.aud === SERVICE &&
      claims.exp + behaviour.leeway > clock.now().getTime() / 1000
      ? claims
      : undefined;
  };
  const refused = (context: Context, status: 401 | 404, code: string) => {
    if (status === 401)
      context.header(
        'www-authenticate',
        `Bearer realm="${new URL(context.req.url).origin}/v2/auth",service="${SERVICE}"`,
      );
    return context.json(
      {
        errors: [
          { code, message: 'access to the requested resource is not authorized', detail: {} },
        ],
      },
      status,
    );
  };

  const app = new Hono<Env>();
  app.use('*', faults.middleware);
  app.get('/v2/auth', async (context) => {
    const answer = await inner.fetch(context.req.raw, context.env);
    if (answer.status !== 200) return answer;
    if (tokenless()) return context.json({});
    const { token } = (await answer.clone().json()) as { token: string };
    const claims = tokens(signer()).open(token);
    if (claims?.sub && claims.access.some(({ actions }) => actions.length > 0)) {
      const [createdAt, expiresAt] = [claims.iat, claims.exp].map((seconds) =>
        new Date(seconds * 1000).toISOString(),
      );
      if (issued.length >= REMEMBERED) issued.shift();
      issued.push({
        id: fingerprint(token),
        account: claims.sub,
        createdAt: createdAt ?? '',
        expiresAt: expiresAt ?? '',
      });
    }
    return answer;
  });
  for (const path of ['/v2/:repository{.+}/tags/list', '/v2/:repository{.+}/referrers/:digest']) {
    app.get(path, (context) => {
      const repository = context.req.param('repository') ?? '';
      const access = claimsOf(context)?.access;
      const own = access?.some(({ name, actions }) => name === repository && actions.length > 0);
      const may = { own, anonymous: own, refuses: false, accepts: true }[behaviour.registry];
      if (!may) return refused(context, 401, 'UNAUTHORIZED');
      if (!repositories().includes(repository)) return refused(context, 404, 'NAME_UNKNOWN');
      if (path.endsWith('list')) return context.json({ name: repository, tags: ['latest'] });
      return context.json({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: [],
      });
    });
  }
  app.all('*', (context) => inner.fetch(context.req.raw, context.env));

  return {
    app,
    faults,
    issued: (): readonly IssuedToken[] => issued,
    dump: (): unknown => ({ key, issued: [...issued] }),
    restore(dumped: unknown): void {
      const known = dumped as { key: string; issued: IssuedToken[] };
      key = known.key;
      issued.splice(0, issued.length, ...known.issued);
      inner = registry();
    },
  };
}

const freshKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

const fingerprint = (token: string): string =>
  createHash('sha256').update(token).digest('hex').slice(0, 32);
