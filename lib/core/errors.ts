/**
 * What can go wrong, and whether trying again by itself may help. `retryable: false` means a person
 * has to change something first; rekey still looks again after the back-off, because it cannot see
 * the change coming.
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
  /** Too many requests; `retryAfter` holds what the answer asked for. */
  throttled: { retryable: true },
  /** The provider answered 5xx. */
  'provider-failed': { retryable: true },
  /** No answer: name resolution, connection, TLS, time-out, an answer cut off. */
  unreachable: { retryable: true },
  /**
   * The host is at an address that rekey does not connect to: private, loopback, of a metadata
   * service.
   */
  'refused-address': { retryable: false },
  /**
   * An answer that is not what the provider documents: HTML, too large, not JSON, a field missing.
   */
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
  /** The stored value is not one rekey wrote, or not one it can read. */
  'secret-unreadable': { retryable: false },
  /** The admin secret does not exist, or does not hold what the provider needs. */
  'admin-missing': { retryable: false },
  /** Secrets Manager's 20 staging labels are used up. */
  'label-limit': { retryable: false },
  /** A replica of the secret in another region has not got the new version yet. */
  'replicas-behind': { retryable: true },
  /** Another worker was faster; nothing is wrong. */
  'lost-race': { retryable: true },
  /** Secrets Manager failed or throttled. */
  'aws-failed': { retryable: true },
  /** EventBridge failed, throttled, or did not take an event. */
  'events-failed': { retryable: true },
  /**
   * The credential lives in a place that the fleet file does not name any more: list it under
   * `former`.
   */
  'out-of-reach': { retryable: false },
  /** A mistake of rekey's own. */
  internal: { retryable: true },
  /** There is nothing to roll back to, or it is too late to. */
  'no-rollback': { retryable: false },
  /** The fleet file is missing or wrong. */
  'bad-fleet': { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>;

export type ErrorCode = keyof typeof codes;

export const errorCodes = Object.keys(codes) as [ErrorCode, ...ErrorCode[]];

/**
 * The one error class. The message says what happened, to what, and what was expected; it holds no
 * secret and no text that a vendor sent. Tell errors apart by `code`, never by message.
 */
export class RekeyError extends Error {
  override readonly name = 'RekeyError';
  readonly code: ErrorCode;
  /** Milliseconds the other side asked us to wait. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; retryAfter?: number | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfter = options.retryAfter;
  }

  get retryable(): boolean {
    return codes[this.code].retryable;
  }
}

/** Whether trying again may help before a person changes something. */
export const isRetryable = (code: ErrorCode): boolean => codes[code].retryable;

/** True for a RekeyError with one of these codes. */
export const hasCode = (error: unknown, ...wanted: readonly ErrorCode[]): boolean =>
  error instanceof RekeyError && wanted.includes(error.code);

/** For `catch`: throws an error again, unless it is a RekeyError with one of these codes. */
export const unless =
  (...codes: readonly ErrorCode[]) =>
  (error: unknown): void => {
    if (!hasCode(error, ...codes)) throw error;
  };
