import { CommanderError } from 'commander';
import { RekeyError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { banner } from './banner.ts';
import { commands } from './commands.ts';
import { type Context, type Options, OWN_ERROR, type Result, type Wiring } from './context.ts';

export type { Options, Wiring } from './context.ts';

/** The exit statuses. */
export const statuses = { done: 0, failed: 1, usage: 2, waiting: 3 } as const;

/**
 * Runs the CLI and returns the exit status. All output passes through here, so that no label,
 * answer or value can send control sequences to the terminal.
 */
export async function run(args: readonly string[], wiring: Wiring): Promise<number> {
  const print = (line: string) => wiring.print(printable(line));
  const complain = (line: string) => wiring.complain(printable(line));
  const asked = wiring.confirm;
  const confirm = asked && ((question: string) => asked(printable(question)));
  let status: number = statuses.done;
  const connected = <T>(
    options: Options,
    work: (context: Context) => Promise<T>,
    name?: string,
  ): Promise<T> =>
    wiring.connect(options, async (made) => {
      const context = { ...made, print };
      const { targets } = context.fleet;
      await banner(context, targets.find((target) => target.name === name) ?? targets[0], complain);
      return work(context);
    });
  const output = { writeOut: linewise(print), writeErr: linewise(complain) };
  const end = (how: Result) => {
    status = statuses[how];
  };
  const program = commands({ ...wiring, print, confirm, connected, output, end });
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (!error.code.startsWith(OWN_ERROR))
        return error.exitCode === 0 ? statuses.done : statuses.usage;
      complain(error.message);
      return error.exitCode;
    }
    if (!(error instanceof RekeyError)) throw error;
    // an invalid fleet file has one line per problem
    for (const line of error.code === 'bad-fleet' ? error.message.split('\n') : [error.message])
      complain(line);
    const advice = wiring.advise?.(error);
    if (advice) complain(advice);
    return statuses.failed;
  }
}

const linewise = (print: (line: string) => void) => (text: string) => {
  for (const line of text.trimEnd().split('\n')) print(line);
};
