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

export const invalidRequest = (message: string) => new AwsError('InvalidRequestException', message);
export const invalidParameter = (message: string) =>
  new AwsError('InvalidParameterException', message);
export const notFound = (message: string) => new AwsError('ResourceNotFoundException', message);
export const resourceExists = (message: string) => new AwsError('ResourceExistsException', message);
export const limitExceeded = (message: string) => new AwsError('LimitExceededException', message);
export const validation = (message: string) => new AwsError('ValidationException', message);
