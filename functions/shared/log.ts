import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import { RekeyError } from '../../lib/core/errors.ts';

/**
 * JSON lines that hold what was put into them and nothing else. An error shows as its class, and
 * with its message only if that is ours: stacks, causes and other people's messages may quote what
 * was sent.
 */
class Formatter extends LogFormatter {
  formatAttributes(
    { logLevel, message, timestamp, serviceName, xRayTraceId }: UnformattedAttributes,
    more: LogAttributes,
  ) {
    const attributes = {
      level: logLevel,
      message,
      timestamp: this.formatTimestamp(timestamp),
      service: serviceName,
      xray_trace_id: xRayTraceId,
    };
    return new LogItem({ attributes }).addAttributes(more);
  }

  override formatError(error: Error): LogAttributes {
    return explain(error);
  }
}

export const logger = new Logger({ serviceName: 'rekey', logFormatter: new Formatter() });

/**
 * As much of Lambda's context as is logged: the id that Lambda's own lines about the invocation
 * have.
 */
export interface Invocation {
  readonly awsRequestId?: string | undefined;
}

/** What a function that rotates needs of it. */
export interface LambdaContext extends Invocation {
  getRemainingTimeInMillis(): number;
}

/**
 * From here on each line says which invocation wrote it, and on behalf of whom: by the correlation
 * id a line is joined with the events. Replaces what was said so before, since a warm function
 * serves one invocation after another.
 */
export function logFor(
  invocation: Invocation | undefined,
  about: Readonly<Record<string, string | undefined>> = {},
): void {
  logger.resetKeys();
  logger.appendKeys({ function_request_id: invocation?.awsRequestId, ...about });
}

/** What may be told of an error. */
export function explain(error: unknown): { readonly errorClass: string; readonly message: string } {
  if (error instanceof RekeyError) return { errorClass: error.code, message: error.message };
  return {
    errorClass: error instanceof Error ? error.name : typeof error,
    message: 'failed unexpectedly',
  };
}

/**
 * A handler whose failures are told, and passed on to Lambda, which writes them into its log as
 * well, without what they must not show.
 */
export const guarded =
  <Event, Result, Context = void>(work: (event: Event, context: Context) => Promise<Result>) =>
  async (event: Event, context: Context): Promise<Result> => {
    logFor(context as Invocation | undefined);
    try {
      return await work(event, context);
    } catch (error) {
      const { errorClass, message } = explain(error);
      logger.error(message, { errorClass });
      throw error instanceof RekeyError
        ? new RekeyError(error.code, message)
        : new Error(`${message} (${errorClass})`);
    }
  };
