/** The region and endpoint of the AWS calls, for messages. */
export interface Connected {
  readonly region?: string | undefined;
  /** Set if the calls go to an embedded AWS. */
  readonly endpoint?: string | undefined;
}

const SESSION = 'the AWS session has expired; sign in again, for example with: aws sso login';
const KEYS = [
  'AWS does not know these access keys; check AWS_PROFILE and AWS_ACCESS_KEY_ID,',
  'and that the region is enabled',
].join(' ');
const SIGNATURE =
  'AWS refuses the signature: the secret access key is wrong, or the clock of this machine is';
const BUSY = 'AWS asks for fewer calls; try again in a minute';
const CREDENTIALS =
  'no AWS credentials were found; set AWS_PROFILE, or sign in, for example with: aws sso login';

/** Keyed by exception name: the messages change, and may quote what must not be shown. */
const byName: Readonly<Record<string, string>> = {
  CredentialsProviderError: CREDENTIALS,
  TokenProviderError: SESSION,
  ExpiredToken: SESSION,
  ExpiredTokenException: SESSION,
  RequestExpired: SIGNATURE,
  UnrecognizedClientException: KEYS,
  InvalidClientTokenId: KEYS,
  InvalidAccessKeyId: KEYS,
  OptInRequired: KEYS,
  InvalidSignatureException: SIGNATURE,
  SignatureDoesNotMatch: SIGNATURE,
  IncompleteSignature: SIGNATURE,
  ThrottlingException: BUSY,
  TooManyRequestsException: BUSY,
  LimitExceededException: 'a quota of the AWS account is used up',
  InternalServiceError: 'AWS failed; try again in a minute',
  InternalFailure: 'AWS failed; try again in a minute',
  ServiceUnavailable: 'AWS failed; try again in a minute',
};

/**
 * Advice for the user on a failed call to AWS; `undefined` if there is nothing to add to the error.
 */
export function awsAdvice(error: unknown, connected: Connected = {}): string | undefined {
  for (const one of chain(error)) {
    const found = adviceOn(one, connected);
    if (found) return found;
  }
  return undefined;
}

function adviceOn({ name, message, code }: Failure, connected: Connected): string | undefined {
  if (/^Region is missing/.test(message))
    return 'no AWS region is set; set AWS_REGION, or AWS_PROFILE to a profile with a region';
  if (name === 'CredentialsProviderError' && /expired|session/i.test(message)) return SESSION;
  if (/^(KMS)?(AccessDenied|NotAuthorized|UnauthorizedOperation)/.test(name))
    return denied(message);
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|TLS/.test(code)) {
    return [
      `the certificate of ${host(connected)} is not trusted;`,
      'if a proxy intercepts TLS, name its certificate authority in NODE_EXTRA_CA_CERTS',
    ].join(' ');
  }
  const unreachable =
    /^(E(CONN|TIMEDOUT|HOST|NET|PIPE|AI_)|ENOTFOUND)/.test(code) ||
    /^(TimeoutError|UnknownEndpoint)$/.test(name);
  if (unreachable)
    return [
      `cannot reach ${host(connected)};`,
      connected.endpoint ? 'is it running?' : 'check the region and the network',
    ].join(' ');
  return Object.hasOwn(byName, name) ? byName[name] : undefined;
}

const host = ({ region, endpoint }: Connected): string =>
  endpoint ?? `AWS${region ? ` in ${region}` : ''}`;

/**
 * Names the caller, the action and the resource of a denied call. Only the parts of AWS's text that
 * look like an ARN or an action are repeated.
 */
function denied(text: string): string {
  const arn = String.raw`arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d{0,12}:[\w+=,.@/:*-]{1,512}`;
  const caller = new RegExp(`^User: (${arn}) is not authorized`).exec(text)?.[1] ?? 'the caller';
  const action = /to perform: ([a-z0-9-]{2,32}:[A-Za-z]{2,64})\b/.exec(text)?.[1];
  const resource = new RegExp(`on resource: (${arn})`).exec(text)?.[1];
  const what = action ? `${action}${resource ? ` on ${resource}` : ''}` : 'make this call';
  return `${caller} may not ${what}; docs/security.md lists the rights that each command needs`;
}

interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: string;
}

/** An error and its causes. Node collects the attempts at several addresses in one error. */
function chain(error: unknown, depth = 0): Failure[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const { name, message, cause } = error;
  const { code, errors } = error as { readonly code?: unknown; readonly errors?: unknown };
  const own = { name, message, code: typeof code === 'string' ? code : '' };
  const inner = [cause, ...(Array.isArray(errors) ? errors : [])];
  return [own, ...inner.flatMap((one) => chain(one, depth + 1))];
}
