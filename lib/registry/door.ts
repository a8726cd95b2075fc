import { basicAuth, bearerAuth, type Login } from '../core/login.ts';
import type { HttpAnswer, RegistryQuestion } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';
import { type Answer, inconclusive, refusal, unknown } from './answer.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { trustedRealm } from './realm.ts';
import { errorCodes, missingActions, readToken } from './token.ts';

/** Sends one request that may be repeated. */
export type Send = (
  method: 'GET' | 'HEAD',
  url: URL,
  headers?: Readonly<Record<string, string>>,
) => Promise<HttpAnswer>;

/** A username and password, or a bearer token as the password. */
type Pair = Pick<Login, 'username' | 'password'>;

/** How one registry is asked about any login. */
export interface Door {
  /** Asks whether the login is valid, without any rights. */
  who(login: Pair): Promise<Answer>;
  /** Asks whether it has the rights; absent if there are none to check, or no way to check them. */
  readonly what?: ((login: Pair) => Promise<Answer>) | undefined;
}

/**
 * The manifest types for the `Accept` header. Without them a registry answers 404 for a manifest
 * that exists.
 */
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Calls the registry without a login, and chooses the door by its challenge. */
export async function findDoor(
  question: RegistryQuestion,
  send: Send,
  registry: URL,
): Promise<Door | Answer> {
  if (question.bearer) return tokenDoor(question, send, registry, question.bearer.repository);
  const answer = await send('GET', new URL('/v2/', registry));
  if (answer.status === 403) return unknown('not-allowed');
  // 200 is inconclusive too: a registry that is open to all proves nothing about a login
  if (answer.status !== 401) return inconclusive(answer);
  const challenges = parseChallenges(answer.headers['www-authenticate'] ?? '');
  const bearer = challenges.find(
    ({ scheme, params }) => scheme === 'bearer' && params.has('realm'),
  );
  if (bearer) return tokenServerDoor(question, send, registry, bearer);
  if (challenges.some(({ scheme }) => scheme === 'basic'))
    return passwordDoor(question, send, registry);
  return unknown('not-a-registry');
}

function tokenServerDoor(
  question: RegistryQuestion,
  send: Send,
  registry: URL,
  { params }: Challenge,
): Door | Answer {
  const realm = trustedRealm(params.get('realm') ?? '', registry, question.realms);
  if (!realm) return unknown('untrusted-realm');
  const service = params.get('service');
  if (service !== undefined) realm.searchParams.set('service', service);
  const { access, manifest } = question;
  return {
    // a scope in the challenge is for /v2/, and is not requested
    async who(login) {
      const answer = await send('GET', realm, basic(login));
      // some token servers accept no login without a scope
      if (answer.status === 400 && access) return { is: 'silent' };
      if (answer.status !== 200) return refusal(answer);
      return readToken(answer.body) ? { is: 'yes' } : unknown('not-a-registry');
    },
    what:
      access &&
      (async (login) => {
        const actions = [...new Set([...access.actions, ...(manifest ? ['pull'] : [])])];
        const url = new URL(realm);
        url.searchParams.set('scope', `repository:${access.repository}:${actions.join(',')}`);
        const answer = await send('GET', url, basic(login));
        // the scope is wrong: DigitalOcean answers so for a repository outside the account's
        // registry, Quay for a scope that it cannot parse
        if (answer.status === 400) return { is: 'partly', missing: actions };
        if (answer.status !== 200) return refusal(answer);
        const token = readToken(answer.body);
        if (!token) return unknown('not-a-registry');
        // servers omit denied actions and still answer 200, so the token's claims have to be read;
        // an opaque token has none
        const missing = missingActions(token, access.repository, actions) ?? [];
        if (missing.length > 0) return { is: 'partly', missing };
        return askForManifest(question, send, registry, bearer(token));
      }),
  };
}

function passwordDoor(question: RegistryQuestion, send: Send, registry: URL): Door {
  return {
    async who(login) {
      const answer = await send('GET', new URL('/v2/', registry), basic(login));
      if (answer.status !== 200) return refusal(answer);
      return isPage(answer) ? unknown('not-a-registry') : { is: 'yes' };
    },
    what: question.manifest
      ? (login) => askForManifest(question, send, registry, basic(login))
      : undefined,
  };
}

/**
 * Presents a bearer token to its repository by listing the tags. Its other rights are read from its
 * claims.
 */
function tokenDoor(
  question: RegistryQuestion,
  send: Send,
  registry: URL,
  repository: string,
): Door {
  const { access } = question;
  return {
    async who({ password }) {
      const url = new URL(`/v2/${escaped(repository)}/tags/list?n=1`, registry);
      const answer = await send('GET', url, bearer(password));
      const codes = errorCodes(answer.body);
      if (answer.status === 401) return { is: 'no' };
      if (answer.status === 403)
        return codes.includes('DENIED')
          ? { is: 'partly', missing: ['pull'] }
          : unknown('not-allowed');
      // a registry looks for the repository only after it has accepted the token
      const gone = answer.status === 404 && codes.includes('NAME_UNKNOWN');
      if (answer.status !== 200 && !gone) return inconclusive(answer);
      return isPage(answer) ? unknown('not-a-registry') : { is: 'yes' };
    },
    what:
      access &&
      (async ({ password }) => {
        const missing = missingActions(password, access.repository, access.actions) ?? [];
        if (missing.length > 0) return { is: 'partly', missing };
        return askForManifest(question, send, registry, bearer(password));
      }),
  };
}

type Header = { readonly authorization: string };

async function askForManifest(
  { access, manifest }: RegistryQuestion,
  send: Send,
  registry: URL,
  login: Header,
): Promise<Answer> {
  if (!access || !manifest) return { is: 'yes' };
  const url = new URL(`/v2/${escaped(access.repository)}/manifests/${escaped(manifest)}`, registry);
  const answer = await send('HEAD', url, { ...login, accept: manifestTypes });
  // 404 is a yes: registries check the rights before they look for the manifest, so the login works
  // and may pull here
  if (answer.status === 200 || answer.status === 404) return { is: 'yes' };
  if (answer.status === 401 || answer.status === 403) return { is: 'partly', missing: ['pull'] };
  return inconclusive(answer);
}

const isPage = ({ headers }: HttpAnswer): boolean =>
  headers['content-type']?.includes('html') ?? false;

/** Escapes text for a path, except the slashes of a repository and the colon of a digest. */
const escaped = (text: string) =>
  encodeURIComponent(text).replace(/%2F/g, '/').replace(/%3A/g, ':');

const bearer = (token: Secret): Header => ({ authorization: bearerAuth(token) });

const basic = (login: Pair): Header => ({ authorization: basicAuth(login) });
