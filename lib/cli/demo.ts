import { type Command, InvalidArgumentError } from 'commander';
import type { DemoFlags, Options, Result } from './context.ts';

/** Adds `rekey demo`, which rotates a fleet once on this machine. */
export function addDemo(
  program: Command,
  demo: (options: DemoFlags) => Promise<number>,
  end: (result: Result) => void,
): void {
  program
    .command('demo')
    .description(
      'rotate a fleet through a simulated month on this machine, without an account; ' +
        'without --fleet: an example with every provider',
    )
    .option('-k, --keep', 'stay up afterwards, for `rekey --local` and the AWS CLI', false)
    .option('-s, --state <folder>', 'with --keep: save the state there, and resume from it')
    .option('-p, --port <port>', 'port of the embedded AWS; 0 takes a free one', parsePort, 0)
    .action(async (flags: Omit<DemoFlags, 'fleet'>) => {
      const named = program.getOptionValueSource('fleet') !== 'default';
      const fleet = named ? program.opts<Options>().fleet : undefined;
      end((await demo({ ...flags, fleet })) === 0 ? 'done' : 'failed');
    });
}

function parsePort(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535)
    throw new InvalidArgumentError('expected a port from 0 to 65535');
  return number;
}
