import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { RekeyError } from '../core/errors.ts';
import type { Fleet } from '../core/fleet/index.ts';
import { MINUTE, parseDuration } from '../core/time.ts';
import { act } from './act.ts';
import { ask } from './ask.ts';
import type { Context } from './context.ts';
import { doctor } from './doctor.ts';
import { plan } from './plan.ts';
import { retire } from './retire.ts';
import { status } from './status.ts';
import { validate } from './validate.ts';

export interface Options {
  readonly fleet: string;
  readonly local: boolean;
}

export interface Wiring {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly readFleet: (file: string) => Fleet;
  /** Connects to AWS, or to the embedded one; closes what it opened when the command is through. */
  readonly connect: <T>(options: Options, work: (context: Context) => Promise<T>) => Promise<T>;
  /** Asks a person at a terminal; absent where there is none. */
  readonly confirm?: (question: string) => Promise<boolean>;
  readonly version: string;
}

const IN_PROCESS = 'act from here with your own rights, instead of asking the deployed worker';

/** Runs the CLI; the exit status: 0 done, 1 failed, 2 wrong usage. */
export async function run(args: readonly string[], wiring: Wiring): Promise<number> {
  let exitStatus = 0;
  const program = new Command('rekey')
    .description('Rotates container-registry credentials and keeps them in AWS Secrets Manager.')
    .version(wiring.version)
    .option('-f, --fleet <file>', 'the fleet file', 'rekey.yaml')
    .option('--local', 'use the embedded AWS that `npm start -- --keep` runs, instead of AWS', false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => wiring.print(text.trimEnd()), writeErr: (text) => wiring.complain(text.trimEnd()) })
    .showHelpAfterError('(rekey --help tells more)');
  const options = () => program.opts<Options>();
  const connected = <T>(work: (context: Context) => Promise<T>) => wiring.connect(options(), work);

  program
    .command('validate')
    .description('check the fleet file and tell everything that is wrong with it')
    .action(() => validate(wiring.readFleet(options().fleet), options().fleet, wiring.print));
  program
    .command('plan')
    .description('show what is due for each target, why, and when; touches nothing')
    .option('--json', 'as JSON', false)
    .action((flags: { json: boolean }) => connected((context) => plan(context, flags)));
  program
    .command('status')
    .argument('[name]', 'one target')
    .description('show what lives, what is stuck, and whether one can roll back')
    .option('--json', 'as JSON', false)
    .action((name: string | undefined, { json }: { json: boolean }) => connected((context) => status(context, { name, json })));
  program
    .command('doctor')
    .argument('[name]', 'one target')
    .description('check admin credentials, their rights, and the registries; changes nothing')
    .option('--json', 'as JSON', false)
    .action(async (name: string | undefined, { json }: { json: boolean }) => {
      if (!(await connected((context) => doctor(context, { name, json })))) exitStatus = 1;
    });
  for (const [name, type, description] of [
    ['rotate', 'Rotation Requested', 'ask the worker to rotate a target now'],
    ['compromised', 'Credential Compromised', 'the same, then revoke all its other live credentials at once'],
    ['rollback', 'Rollback Requested', 'ask the worker to make the previous credential current again'],
  ] as const) {
    const command = program
      .command(name)
      .argument('<name>', 'the target')
      .description(description)
      .addOption(new Option('--wait <duration>', 'how long to follow the request').default(5 * MINUTE, '5m').argParser(parseWait))
      .option('--no-wait', 'do not follow it')
      .addOption(new Option('--in-process', IN_PROCESS).default(false).conflicts('wait'))
      .action(
        async (target: string, { wait, inProcess, confirm }: { wait: number | false; inProcess: boolean; confirm?: true }) => {
          const asked = confirm ? 'Compromise Confirmed' : type;
          const work = (context: Context) => (inProcess ? act(context, asked, target) : ask(context, asked, target, wait));
          if (!(await connected(work))) exitStatus = 1;
        },
      );
    if (name === 'compromised') command.option('--confirm', 'although many others were reported too: end it early nevertheless');
  }

  program
    .command('retire')
    .argument('<name>', 'a target that was taken out of the fleet file')
    .requiredOption('--from <file>', 'a fleet file that still has it')
    .option('--now', 'delete at once what would be disabled for the soak first', false)
    .option('-y, --yes', 'do not ask', false)
    .description('end all credentials of a target that left the fleet')
    .action(async (name: string, { from, now, yes }: { from: string; now: boolean; yes: boolean }) => {
      const confirm = yes ? async () => true : wiring.confirm;
      const former = wiring.readFleet(from);
      if (!(await connected((context) => retire(context, { name, former, from, now, confirm })))) exitStatus = 1;
    });

  try {
    await program.parseAsync(args, { from: 'user' });
    return exitStatus;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof RekeyError)) throw error;
    wiring.complain(error.message);
    return 1;
  }
}

function parseWait(text: string): number {
  const wait = parseDuration(text);
  if (wait === undefined) throw new InvalidArgumentError('expected a duration, such as 90s or 10m');
  return wait;
}
