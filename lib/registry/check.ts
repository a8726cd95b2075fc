import { RekeyError } from '../core/errors.ts';
import type { Http, HttpAnswer, RegistryCheck, RegistryQuestion, UnknownCause, Verdict } from '../core/ports.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { registryUrl, trustedRealm } from './realm.ts';
import { errorCodes, missingActions, readToken } from './token.ts';

/** The manifest types that a registry must be told to expect, or it answers 404 for a manifest that is there. */
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

type Send = (method: 'GET' | 'HEAD', url: URL, headers?: Readonly<Record<string, string>>) => Promise<HttpAnswer>;

/**
 * Asks any host that speaks the Docker Registry v2 protocol whether it accepts a login, by token or by password
 * (https://distribution.github.io/distribution/spec/auth/token/). Two calls, three with a manifest:
 *
 *     GET /v2/ ─▶ 401 Bearer ─▶ GET realm, with the password ─▶ token ─▶ HEAD manifest
 *                 401 Basic  ─▶ GET /v2/, with the password  ─────────▶ HEAD manifest
 *
 * or whether it accepts a bearer token, by one call for the tags of its repository.
 */
export function createRegistryCheck({ http }: { readonly http: Http }): RegistryCheck {
  return {
    async check(question, signal) {
      const send: Send = (method, url, headers = {}) => http.send({ method, url: url.href, headers, idempotent: true, signal });
      try {
        return await ask(question, send);
      } catch (error) {
        if (!(error instanceof RekeyError)) throw error;
        return unknown(error.code === 'unreachable' || error.code === 'refused-address' ? error.code : 'not-a-registry');
      }
    },
  };
}

async function ask(question: RegistryQuestion, send: Send): Promise<Verdict> {
  const registry = registryUrl(question.registry);
  if (!registry) return unknown('not-a-registry');
  if (question.bearer) return askWithToken(question, send, registry, question.bearer.repository);
  const answer = await send('GET', new URL('/v2/', registry));
  if (answer.status === 403) return unknown('not-allowed');
  // 200 is no verdict either: a registry that is open to all proves nothing about a login
  if (answer.status !== 401) return inconclusive(answer);
  const challenges = parseChallenges(answer.headers['www-authenticate'] ?? '');
  const bearer = challenges.find(({ scheme, params }) => scheme === 'bearer' && params.has('realm'));
  if (bearer) return askTokenServer(question, send, registry, bearer);
  if (challenges.some(({ scheme }) => scheme === 'basic')) return askWithPassword(question, send, registry);
  return unknown('not-a-registry');
}

async function askTokenServer(question: RegistryQuestion, send: Send, registry: URL, { params }: Challenge): Promise<Verdict> {
  const url = trustedRealm(params.get('realm') ?? '', registry, question.realms);
  if (!url) return unknown('untrusted-realm');
  const { access, manifest } = question;
  const actions = access ? [...new Set([...access.actions, ...(manifest ? ['pull'] : [])])] : [];
  const service = params.get('service');
  if (service !== undefined) url.searchParams.set('service', service);
  // without a scope it is a check of the login alone; the one that a challenge may bring is for /v2/, and is not asked for
  if (access) url.searchParams.set('scope', `repository:${access.repository}:${actions.join(',')}`);

  const answer = await send('GET', url, password(question));
  // DigitalOcean says so of a repository outside the account's registry, Quay of a scope it cannot read: the scope is wrong
  if (answer.status === 400 && access) return { outcome: 'lacks-rights', missing: actions };
  if (answer.status !== 200) return refusal(answer);
  const token = readToken(answer.body);
  if (!token) return unknown('not-a-registry');
  if (!access) return { outcome: 'accepted' };
  // servers leave out what the login may not do and still answer 200, so the token has to be read; an opaque one cannot be
  const missing = missingActions(token, access.repository, actions) ?? [];
  if (missing.length > 0) return { outcome: 'lacks-rights', missing };
  return askForManifest(question, send, registry, { authorization: `Bearer ${token.reveal()}` });
}

async function askWithPassword(question: RegistryQuestion, send: Send, registry: URL): Promise<Verdict> {
  const answer = await send('GET', new URL('/v2/', registry), password(question));
  if (answer.status !== 200) return refusal(answer);
  if (answer.headers['content-type']?.includes('html')) return unknown('not-a-registry');
  return askForManifest(question, send, registry, password(question));
}

async function askWithToken(question: RegistryQuestion, send: Send, registry: URL, repository: string): Promise<Verdict> {
  const { access, password } = question;
  const login = { authorization: `Bearer ${password.reveal()}` };
  const url = new URL(`/v2/${escaped(repository)}/tags/list?n=1`, registry);
  const answer = await send('GET', url, login);
  const codes = errorCodes(answer.body);
  if (answer.status === 401) return { outcome: 'refused' };
  if (answer.status === 403)
    return codes.includes('DENIED') ? { outcome: 'lacks-rights', missing: ['pull'] } : unknown('not-allowed');
  // a repository that is gone is looked for only after the token was accepted
  const gone = answer.status === 404 && codes.includes('NAME_UNKNOWN');
  if (answer.status !== 200 && !gone) return inconclusive(answer);
  if (answer.headers['content-type']?.includes('html')) return unknown('not-a-registry');
  const missing = access ? (missingActions(password, access.repository, access.actions) ?? []) : [];
  if (missing.length > 0) return { outcome: 'lacks-rights', missing };
  return askForManifest(question, send, registry, login);
}

async function askForManifest({ access, manifest }: RegistryQuestion, send: Send, registry: URL, login: Login): Promise<Verdict> {
  if (!access || !manifest) return { outcome: 'accepted' };
  const url = new URL(`/v2/${escaped(access.repository)}/manifests/${escaped(manifest)}`, registry);
  const answer = await send('HEAD', url, { ...login, accept: manifestTypes });
  // 404 is asked-and-answered: registries check the rights before they look, so the login works and may pull here
  if (answer.status === 200 || answer.status === 404) return { outcome: 'accepted' };
  if (answer.status === 401 || answer.status === 403) return { outcome: 'lacks-rights', missing: ['pull'] };
  return inconclusive(answer);
}

/** Fit for a path; the slashes of a repository and the colon of a digest stay. */
const escaped = (text: string) => encodeURIComponent(text).replace(/%2F/g, '/').replace(/%3A/g, ':');

type Login = { readonly authorization: string };

/** The header of RFC 7617. */
function password({ username, password }: RegistryQuestion): Login {
  return { authorization: `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}` };
}

/** What an answer to the password means that is not a success. */
function refusal(answer: HttpAnswer): Verdict {
  if (answer.status === 401) return { outcome: 'refused' };
  if (answer.status !== 403) return inconclusive(answer);
  // a firewall says 403 as well, and then a live credential would pass for a revoked one: only a registry's own words count
  const denied = errorCodes(answer.body).some((code) => code === 'DENIED' || code === 'UNAUTHORIZED');
  return denied ? { outcome: 'refused' } : unknown('not-allowed');
}

/** An answer that is no verdict. A redirect is one: following it would take the password along. */
function inconclusive(answer: HttpAnswer): Verdict {
  if (answer.status === 429) return unknown('throttled', answer.retryAfter);
  if (answer.status >= 500) return unknown('failed', answer.retryAfter);
  return unknown(errorCodes(answer.body).length > 0 ? 'failed' : 'not-a-registry');
}

function unknown(cause: UnknownCause, retryAfter?: number): Verdict {
  return retryAfter === undefined ? { outcome: 'unknown', cause } : { outcome: 'unknown', cause, retryAfter };
}
