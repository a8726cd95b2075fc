import { type CANCEL_SYMBOL, cancel, confirm, isCancel, log, select, text } from '@clack/prompts';
import { refused } from './refused.ts';

/** Asks a person on a terminal. A question that is not answered ends the command. */
export interface Ask {
  choose(question: string, options: readonly string[]): Promise<string>;
  text(question: Question): Promise<string>;
  confirm(question: string): Promise<boolean>;
  /** Shows a line between two questions. */
  say(line: string): void;
}

interface Question {
  readonly message: string;
  readonly initial?: string | undefined;
  /** The problem of an answer; `undefined` if it is accepted. */
  readonly problem: (answer: string) => string | undefined;
}

/** Asks on the terminal of this process. */
export const askOnTerminal: Ask = {
  choose: async (message, options) =>
    answered(await select({ message, options: options.map((value) => ({ value })), maxItems: 12 })),
  text: async ({ message, initial, problem }) =>
    answered(
      await text({
        message,
        ...(initial !== undefined && { initialValue: initial }),
        validate: (answer = '') => problem(answer.trim()),
      }),
    ).trim(),
  confirm: async (message) => answered(await confirm({ message })),
  say: (line) => log.info(line),
};

/** The answer. Throws if the person pressed Ctrl-C or Escape. */
function answered<T>(answer: T | typeof CANCEL_SYMBOL): T {
  if (!isCancel(answer)) return answer as T;
  cancel();
  throw refused('aborted: nothing was written');
}
