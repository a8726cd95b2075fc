import * as z from 'zod';
import { RekeyError } from '../errors.ts';
import { parseJson } from '../json.ts';
import { authOf, type Login } from '../login.ts';
import type { Bearer } from '../ports.ts';
import { Secret } from '../secret.ts';

/** Secrets Manager's limit on a value, in bytes. */
const MAX_BYTES = 65_536;

/**
 * The secret value of a credential. `fields` is one flat JSON object that serves ECS, CodeBuild,
 * External Secrets, CI and `docker login` alike: username, password, registry, auth (base64 of
 * username:password) and dockerconfigjson. `dockerconfigjson` is only that document. A bearer token
 * is not a login, and has other fields: token, repository and the whole header. The same credential
 * always gives the same text.
 */
export function formatValue(login: Login, format: 'fields' | 'dockerconfigjson'): Secret {
  const text = login.bearer ? bearerText(login, login.bearer) : loginText(login, format);
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new RekeyError(
      'bad-answer',
      `the credential does not fit into a secret: more than ${MAX_BYTES} bytes`,
    );
  }
  return new Secret(text);
}

function loginText(login: Login, format: 'fields' | 'dockerconfigjson'): string {
  const { username, password, registry } = login;
  const auth = authOf(login);
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

function bearerText({ username, password, registry }: Login, { repository }: Bearer): string {
  const token = password.reveal();
  return JSON.stringify({
    token,
    registry,
    repository,
    username,
    authorization: `Bearer ${token}`,
  });
}

const pair = z.object({ username: z.string().min(1), password: z.string().min(1) });
const fields = pair.extend({ registry: z.string().min(1) });
const bearer = z.object({
  token: z.string().min(1),
  registry: z.string().min(1),
  repository: z.string().min(1),
  username: z.string().min(1),
});
const document = z.object({ auths: z.record(z.string(), pair) });

/**
 * The login, or the bearer token, in a secret value that `formatValue` wrote, in either format;
 * `undefined` for any other value.
 */
export function parseValue(value: Secret): Login | undefined {
  const json = parseJson(value.reveal());
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
