import { Command, InvalidArgumentError, Option, type OutputConfiguration } from 'commander';
import type { InboundType } from '../core/events/index.ts';
import { MINUTE, parseDuration } from '../core/time.ts';
import { act } from './act.ts';
import type { Confirm } from './confirm.ts';
import type { Context, Options, Result, Wiring } from './context.ts';
import { addDemo } from './demo.ts';
import { doctor } from './doctor.ts';
import { addInit } from './init.ts';
import { plan } from './plan.ts';
import { request } from './request.ts';
import { retire } from './retire.ts';
import { status } from './status.ts';
import { validate } from './validate.ts';
import { needsHelp, type View } from './view.ts';

/** The environment of the commands. */
export interface Room
  extends Pick<Wiring, 'readFleet' | 'schema' | 'print' | 'demo' | 'init' | 'version'> {
  readonly confirm: Confirm;
  /** Connects, prints the banner, and does the work. */
  readonly connected: <T>(
    options: Options,
    work: (context: Context) => Promise<T>,
    name?: string,
  ) => Promise<T>;
  readonly output: OutputConfiguration;
  /** Sets the exit status. */
  readonly end: (result: Result) => void;
}

const HELP = `
Environment:
  AWS_PROFILE, AWS_REGION, …  account and region, as for the AWS CLI
  REKEY_BUS                   name of the event bus, if it is not rekey-<fleet>
  REKEY_PROVIDERS             file with your own providers

Exit status:
  0  done
  1  failed, refused, or aborted
  2  wrong usage
  3  accepted, but not done yet: rekey will continue

Example:
  rekey --fleet rekey.yaml rotate shop-images

More: docs/operations.md`;

/** The parser with all commands. */
export function commands(room: Room): Command {
  const program = new Command('rekey')
    .description('Rotates container-registry credentials and keeps them in AWS Secrets Manager.')
    .option('-f, --fleet <file>', 'the fleet file', 'rekey.yaml')
    .addOption(
      new Option('--providers <file>', 'your own providers, as for the construct').env(
        'REKEY_PROVIDERS',
      ),
    )
    .option('--local', 'use the embedded AWS that `rekey demo --keep` runs, instead of AWS', false)
    .version(room.version)
    .exitOverride()
    .configureOutput(room.output)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', HELP)
    .showHelpAfterError('(see rekey --help)');
  const options = () => program.opts<Options>();
  reading(program, options, room);
  requests(program, options, room);
  program
    .command('retire')
    .argument('<name>', 'a target that was removed from the fleet file')
    .requiredOption('--from <file>', 'a fleet file that still contains it')
    .option('--now', 'skip the soak period: delete credentials instead of disabling them', false)
    .option('-y, --yes', 'do not ask for confirmation', false)
    .description('end all credentials of a target that left the fleet')
    .action(
      async (name: string, { from, now, yes }: { from: string; now: boolean; yes: boolean }) => {
        const confirm = yes ? agree : room.confirm;
        const former = room.readFleet(from, options().providers);
        room.end(
          await room.connected(options(), (context) =>
            retire(context, { name, former, from, now, confirm }),
          ),
        );
      },
    );
  if (room.init) addInit(program, room.init, room.end);
  if (room.demo) addDemo(program, room.demo, room.end);
  return program;
}

/** Commands that change nothing. */
function reading(
  program: Command,
  options: () => Options,
  { readFleet, schema, print, connected, end }: Room,
): void {
  const judged = (exitCode: boolean, views: readonly View[]) =>
    end(exitCode && views.some(needsHelp) ? 'failed' : 'done');
  const json = () => new Option('--json', 'as JSON').default(false);
  const exitCode = () =>
    new Option(
      '--exit-code',
      'exit with 1 if a target fails, has expired, or has no secret',
    ).default(false);
  program
    .command('validate')
    .description('check the fleet file and list every problem')
    .action(() => {
      const { fleet, providers } = options();
      validate(readFleet(fleet, providers), fleet, print);
    });
  program
    .command('schema')
    .description('print the JSON Schema of the fleet file, for editors; it includes your providers')
    .action(() => {
      for (const line of schema(options().providers).trimEnd().split('\n')) print(line);
    });
  program
    .command('plan')
    .description('show what is due for each target, why, and when; changes nothing')
    .addOption(json())
    .addOption(exitCode())
    .action(async (flags: { json: boolean; exitCode: boolean }) =>
      judged(flags.exitCode, await connected(options(), (context) => plan(context, flags))),
    );
  program
    .command('status')
    .argument('[name]', 'one target')
    .description('show live credentials, stuck targets, and possible rollbacks')
    .addOption(json())
    .addOption(exitCode())
    .action(async (name: string | undefined, flags: { json: boolean; exitCode: boolean }) =>
      judged(
        flags.exitCode,
        await connected(options(), (context) => status(context, { ...flags, name }), name),
      ),
    );
  program
    .command('doctor')
    .argument('[name]', 'one target')
    .description('check admin credentials, their rights, and the registries; changes nothing')
    .addOption(json())
    .action(async (name: string | undefined, flags: { json: boolean }) =>
      end(
        (await connected(options(), (context) => doctor(context, { ...flags, name }), name))
          ? 'done'
          : 'failed',
      ),
    );
}

const requestCommands: readonly (readonly [
  name: string,
  type: InboundType,
  description: string,
])[] = [
  ['rotate', 'Rotation Requested', 'ask the worker to rotate a target now'],
  [
    'compromised',
    'Credential Compromised',
    'the same, then revoke all its other live credentials at once; asks first',
  ],
  [
    'rollback',
    'Rollback Requested',
    'ask the worker to make the previous credential current again; asks first',
  ],
];

/** Commands that send a request to the worker. */
function requests(
  program: Command,
  options: () => Options,
  { confirm, connected, end }: Room,
): void {
  for (const [name, type, description] of requestCommands) {
    const command = program
      .command(name)
      .argument('<name>', 'the target')
      .description(description)
      .addOption(
        new Option('--wait <duration>', 'how long to follow the request')
          .default(5 * MINUTE, '5m')
          .argParser(parseWait),
      )
      .option('--no-wait', 'do not follow the request')
      .addOption(new Option('--in-process', IN_PROCESS).default(false).conflicts('wait'))
      .action(
        async (
          target: string,
          flags: { wait: number | false; inProcess: boolean; yes?: boolean; confirm?: true },
        ) => {
          const given = {
            type: flags.confirm ? ('Compromise Confirmed' as const) : type,
            name: target,
            confirm: flags.yes ? agree : confirm,
            wait: flags.wait,
          };
          const work = (context: Context) =>
            flags.inProcess ? act(context, given) : request(context, given);
          end(await connected(options(), work, target));
        },
      );
    if (type !== 'Rotation Requested')
      command.option('-y, --yes', 'do not ask for confirmation', false);
    if (type === 'Credential Compromised')
      command.option('--confirm', 'end it early even though many others were reported too');
  }
}

const IN_PROCESS = 'act in this process with your own rights, instead of asking the worker';
const agree = async () => true;

function parseWait(text: string): number {
  const wait = parseDuration(text);
  if (wait === undefined) throw new InvalidArgumentError('expected a duration, such as 90s or 10m');
  return wait;
}
