import { type Command, Option } from 'commander';
import type { InitFlags, Options, Result } from './context.ts';

const EXAMPLE = `
Example:
  rekey init --provider digitalocean --fleet-id shop --target shop-images \\
    --param registry=acme --app`;

/** Adds `rekey init`, which writes a first fleet file. */
export function addInit(
  program: Command,
  init: (flags: InitFlags) => Promise<void>,
  end: (result: Result) => void,
): void {
  program
    .command('init')
    .description(
      'write a fleet file with one target, and in an empty folder a CDK app; ' +
        'on a terminal, asks for what no option says',
    )
    .option('--provider <name>', 'the provider of the registry')
    .option('--fleet-id <id>', 'id of the fleet, which stays as it is')
    .option('--target <name>', 'name of the target')
    .option('--admin <secret>', 'name of the secret with the admin credential')
    .addOption(
      new Option('--param <key=value>', 'a parameter of the provider; may be repeated')
        .default([], 'none')
        .argParser((text, before: readonly string[]) => [...before, text]),
    )
    .option('--app', 'write a whole CDK app into an empty folder')
    .option('--no-app', 'write the fleet file only')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Omit<InitFlags, 'fleet'>) => {
      await init({ ...flags, fleet: program.opts<Options>().fleet });
      end('done');
    });
}
