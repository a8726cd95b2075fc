/**
 * An error answer of a service: `code` is the exception's name. The message never holds a secret
 * value.
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** The name in SQS's older protocol, if it differs. */
  readonly queryCode: string | undefined;

  constructor(code: string, message: string, status = 400, queryCode?: string) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.queryCode = queryCode;
  }
}

/** Status 400: a parameter does not fit the current state of the resource. */
export const invalidRequest = (message: string) => new AwsError('InvalidRequestException', message);

/** Status 400: the value of a parameter is not allowed, alone or with the others. */
export const invalidParameter = (message: string) =>
  new AwsError('InvalidParameterException', message);

/** Status 400 at Secrets Manager and EventBridge alike: the resource does not exist. */
export const notFound = (message: string) => new AwsError('ResourceNotFoundException', message);
/** Status 400: the name or the version id is already taken. */
export const resourceExists = (message: string) => new AwsError('ResourceExistsException', message);
/** Status 400: the resource would have more parts than its quota allows. */
export const limitExceeded = (message: string) => new AwsError('LimitExceededException', message);
/** Status 400: the input does not have the documented form. */
export const validation = (message: string) => new AwsError('ValidationException', message);
