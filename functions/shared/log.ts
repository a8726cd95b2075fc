import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import { RekeyError } from '../../lib/core/errors.ts';

/**
 * Writes JSON lines with the given fields only. An error is logged as its class, and with its
 * message only if it is a `RekeyError`: stacks, causes and other messages may quote what was sent.
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

/**
 * The log of all functions: JSON lines of the service `rekey` in CloudWatch Logs. `Formatter`
 * protects errors only: pass no other value that may hold a secret.
 */
export const logger = new Logger({ serviceName: 'rekey', logFormatter: new Formatter() });

/**
 * The part of Lambda's context that is logged: the request id, which Lambda's own lines carry too.
 */
export interface Invocation {
  readonly awsRequestId?: string | undefined;
}

/** The part of Lambda's context that a function that rotates needs. */
export interface LambdaContext extends Invocation {
  getRemainingTimeInMillis(): number;
}

/**
 * Adds the request id and these fields to every later line; the correlation id joins a line with
 * the events. Replaces earlier fields, since a warm function serves one invocation after another.
 */
export function logFor(
  invocation: Invocation | undefined,
  about: Readonly<Record<string, string | undefined>> = {},
): void {
  logger.resetKeys();
  logger.appendKeys({ function_request_id: invocation?.awsRequestId, ...about });
}

/** The class and the message of an error that may be shown. */
export function explain(error: unknown): { readonly errorClass: string; readonly message: string } {
  if (error instanceof RekeyError) return { errorClass: error.code, message: error.message };
  return {
    errorClass: error instanceof Error ? error.name : typeof error,
    message: 'failed unexpectedly',
  };
}

/**
 * Wraps a handler: logs a failure, and rethrows it without its cause and without any text that may
 * be sensitive, because Lambda logs it too.
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
