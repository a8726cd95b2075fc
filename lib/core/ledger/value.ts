import * as z from 'zod';
import { RekeyError } from '../errors.ts';
import type { Bearer } from '../ports.ts';
import type { Credential } from '../provider.ts';
import { Secret } from '../secret.ts';

/** Secrets Manager's limit on a value, in bytes. */
const MAX_BYTES = 65_536;

/**
 * The secret value of a credential. `fields` is one flat JSON object that serves ECS, CodeBuild,
 * External Secrets, CI and `docker login` alike: username, password, registry, auth (base64 of
 * username:password) and dockerconfigjson. `dockerconfigjson` is that document alone. A bearer
 * token is no login, and has fields of its own: token, repository and the whole header. The same
 * credential always gives the same text.
 */
export function formatValue(credential: Credential, format: 'fields' | 'dockerconfigjson'): Secret {
  const text = credential.bearer
    ? bearerText(credential, credential.bearer)
    : loginText(credential, format);
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new RekeyError(
      'bad-answer',
      `the credential does not fit into a secret: more than ${MAX_BYTES} bytes`,
    );
  }
  return new Secret(text);
}

function loginText(
  { username, password, registry }: Credential,
  format: 'fields' | 'dockerconfigjson',
): string {
  const auth = Buffer.from(`${username}:${password.reveal()}`).toString('base64');
  const dockerconfigjson = JSON.stringify({
    auths: { [registry]: { username, password: password.reveal(), auth } },
  });
  if (format === 'dockerconfigjson') return dockerconfigjson;
  return JSON.stringify({
    username,
    password: password.reveal(),
    registry,
    auth,
    dockerconfigjson,
  });
}

function bearerText({ username, password, registry }: Credential, { repository }: Bearer): string {
  const token = password.reveal();
  return JSON.stringify({
    token,
    registry,
    repository,
    username,
    authorization: `Bearer ${token}`,
  });
}

const login = z.object({ username: z.string().min(1), password: z.string().min(1) });
const fields = login.extend({ registry: z.string().min(1) });
const bearer = z.object({
  token: z.string().min(1),
  registry: z.string().min(1),
  repository: z.string().min(1),
  username: z.string().min(1),
});
const document = z.object({ auths: z.record(z.string(), login) });

/**
 * The login, or the bearer token, in a secret value that `formatValue` wrote, in either format;
 * `undefined` if it is not one.
 */
export function parseValue(value: Secret): Omit<Credential, 'id'> | undefined {
  let json: unknown;
  try {
    json = JSON.parse(value.reveal());
  } catch {
    return undefined;
  }
  const flat = fields.safeParse(json);
  if (flat.success) return { ...flat.data, password: new Secret(flat.data.password) };
  const opened = bearer.safeParse(json).data;
  if (opened) {
    const { token, registry, repository, username } = opened;
    return { registry, username, password: new Secret(token), bearer: { repository } };
  }
  const auths = document.safeParse(json).data?.auths ?? {};
  const [entry] = Object.entries(auths);
  return (
    entry && {
      registry: entry[0],
      username: entry[1].username,
      password: new Secret(entry[1].password),
    }
  );
}
