import type { UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';

/**
 * Wraps the error of a call that must not be repeated. It has no name, code or cause: the SDK
 * decides by them whether to retry.
 */
class SentOnce extends Error {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    super('sent once');
    this.thrown = thrown;
  }
}

type Handler<Args, Result> = (args: Args) => Promise<Result>;

const withoutRepeat =
  <Args, Result>(next: Handler<Args, Result>): Handler<Args, Result> =>
  async (args) => {
    try {
      return await next(args);
    } catch (error) {
      throw new SentOnce(error);
    }
  };

/**
 * Makes the SDK send a command at most once, and call `check` after signing, right before sending.
 * AWS refuses a signature older than five minutes, so a request that is delayed between the check
 * and its arrival becomes void.
 */
export function sentOnce(
  { middlewareStack }: UpdateSecretVersionStageCommand,
  check: () => void,
): void {
  middlewareStack.addRelativeTo(withoutRepeat, {
    name: 'withoutRepeat',
    relation: 'after',
    toMiddleware: 'retryMiddleware',
  });
  const checked = <Args, Result>(next: Handler<Args, Result>): Handler<Args, Result> => {
    return async (args) => {
      check();
      return next(args);
    };
  };
  middlewareStack.add(checked, {
    name: 'checkedBeforeSending',
    step: 'finalizeRequest',
    priority: 'low',
  });
}

/** The wrapped error of a command that was sent once; any other error unchanged. */
export const causeOf = (error: unknown): unknown =>
  error instanceof SentOnce ? error.thrown : error;
