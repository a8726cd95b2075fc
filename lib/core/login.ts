import type { Bearer } from './ports.ts';
import type { Secret } from './secret.ts';

/** Everything that a consumer needs to use one registry. */
export interface Login {
  /** Host (and port) of the registry, as in an image reference. */
  readonly registry: string;
  /** As `docker login` takes it. */
  readonly username: string;
  /** The password, or the bearer token. */
  readonly password: Secret;
  /**
   * Set for a bearer token: the password is then sent as it is, `Authorization: Bearer`, and no
   * `docker login` takes it.
   */
  readonly bearer?: Bearer | undefined;
}

type Pair = Pick<Login, 'username' | 'password'>;

/** base64 of `username:password`, as in a Docker config (`auth`). It is a secret. */
export const authOf = ({ username, password }: Pair): string =>
  Buffer.from(`${username}:${password.reveal()}`).toString('base64');

/** The `Authorization` of a login (RFC 7617). It is a secret. */
export const basicAuth = (pair: Pair): string => `Basic ${authOf(pair)}`;

/** The `Authorization` of a token (RFC 6750). It is a secret. */
export const bearerAuth = (token: Secret): string => `Bearer ${token.reveal()}`;
