import { Command, InvalidArgumentError } from 'commander';
import { type DemoOptions, demo } from '../lib/sandbox/demo/run.ts';

const options = new Command('npm start --')
  .description(
    'Rotates a fleet once, from the first issue to the last revocation, on this machine.',
  )
  .option('-f, --fleet <file>', 'the fleet file', 'examples/fleet.yaml')
  .option('-k, --keep', 'stay up afterwards, for the rekey and aws commands', false)
  .option(
    '-s, --state <folder>',
    'keep the state there, and go on from it when started again; with --keep',
  )
  .option('-p, --port <port>', 'port of the embedded AWS; 0 takes a free one', parsePort, 0)
  .parse()
  .opts<DemoOptions>();

process.exitCode = await demo(options);

function parsePort(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535)
    throw new InvalidArgumentError('a port from 0 to 65535 is expected');
  return number;
}
