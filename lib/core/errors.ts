/**
 * The errors, and if a retry may help. `retryable: false` means a person has to change something
 * first; rekey still retries after the backoff, because it cannot see when that happened.
 */
const codes = {
  /** The provider refuses the admin credential. */
  'admin-refused': { retryable: false },
  /** The admin credential is good, but may not do this. */
  forbidden: { retryable: false },
  /** The project, registry or instance that the parameters name does not exist. */
  'not-found': { retryable: false },
  /** The provider says the name is taken. */
  conflict: { retryable: true },
  /** The provider's limit on the number of credentials is reached. */
  quota: { retryable: false },
  /** The provider refuses the request itself: a parameter it does not take. */
  rejected: { retryable: false },
  /** Too many requests; `retryAfter` holds the wait that the answer asked for. */
  throttled: { retryable: true },
  /** The provider answered 5xx. */
  'provider-failed': { retryable: true },
  /** No answer: name resolution, connection, TLS, timeout, an answer cut off. */
  unreachable: { retryable: true },
  /**
   * The host has an address that rekey does not connect to: private, loopback, a metadata service.
   */
  'refused-address': { retryable: false },
  /** An answer that the provider does not document: HTML, too large, not JSON, a field missing. */
  'bad-answer': { retryable: true },
  /** The registry refuses the fresh credential. */
  refused: { retryable: true },
  /** The registry accepts the credential, without the rights that were asked for. */
  'lacks-rights': { retryable: false },
  /** The registry gave no verdict (network, 429, 5xx, allow-list). */
  unproven: { retryable: true },
  /** A revoked credential still works at the registry. */
  'still-accepted': { retryable: true },
  /** The secret of a target does not exist, or is scheduled for deletion. */
  'secret-missing': { retryable: false },
  /** The stored value was not written by rekey, or rekey cannot read it. */
  'secret-unreadable': { retryable: false },
  /** The admin secret does not exist, or does not hold what the provider needs. */
  'admin-missing': { retryable: false },
  /** Secrets Manager's 20 staging labels are used up. */
  'label-limit': { retryable: false },
  /** A replica of the secret in another region does not have the new version yet. */
  'replicas-behind': { retryable: true },
  /** Another worker was faster; nothing is wrong. */
  'lost-race': { retryable: true },
  /** Secrets Manager failed or throttled. */
  'aws-failed': { retryable: true },
  /** EventBridge failed, throttled, or did not accept an event. */
  'events-failed': { retryable: true },
  /**
   * The credential lives at a place that the fleet file no longer names: list it under `former`.
   */
  'out-of-reach': { retryable: false },
  /** A bug in rekey. */
  internal: { retryable: true },
  /** There is nothing to roll back to, or it is too late to. */
  'no-rollback': { retryable: false },
  /** The fleet file is missing or wrong. */
  'bad-fleet': { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>;

/** The code of a `RekeyError`, as in `codes`. It is the `errorClass` of events and logs. */
export type ErrorCode = keyof typeof codes;

/** All error codes, as the non-empty tuple that `z.enum` takes. */
export const errorCodes = Object.keys(codes) as [ErrorCode, ...ErrorCode[]];

/**
 * The one error class. The message says what happened, to what, and what was expected; it holds no
 * secret and no text that a vendor sent. Distinguish errors by `code`, never by message.
 */
export class RekeyError extends Error {
  /** The name of the class, also in a minified bundle. */
  override readonly name = 'RekeyError';
  /** The kind of failure. It decides whether rekey retries. */
  readonly code: ErrorCode;
  /** Milliseconds that the other side asked rekey to wait. */
  readonly retryAfter: number | undefined;

  /** Makes an error. The message begins in lower case, has no full stop, and never a secret. */
  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; retryAfter?: number | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfter = options.retryAfter;
  }

  /** True if a retry may help before a person changes something. */
  get retryable(): boolean {
    return codes[this.code].retryable;
  }
}

/** True if a retry may help before a person changes something. */
export const isRetryable = (code: ErrorCode): boolean => codes[code].retryable;

/** True for a RekeyError with one of these codes. */
export const hasCode = (error: unknown, ...wanted: readonly ErrorCode[]): boolean =>
  error instanceof RekeyError && wanted.includes(error.code);

/** For `catch`: rethrows an error, unless it is a RekeyError with one of these codes. */
export const unless =
  (...codes: readonly ErrorCode[]) =>
  (error: unknown): void => {
    if (!hasCode(error, ...codes)) throw error;
  };
