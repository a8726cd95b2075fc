import type { UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';

/**
 * What a call failed with that must not be repeated. No name, code or cause: the SDK would
 * recognise by them what it repeats.
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
 * Has the SDK send a command at most once, and call `check` when it is signed, right before it is
 * sent. AWS refuses a signature that is more than five minutes old: a request that is held up
 * between check and arrival is void by then.
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

/** The failure itself. */
export const causeOf = (error: unknown): unknown =>
  error instanceof SentOnce ? error.thrown : error;
