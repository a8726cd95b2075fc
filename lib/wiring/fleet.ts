import { resolve } from 'node:path';
import { RekeyError } from '../core/errors.ts';
import {
  type Fleet,
  formatIssue,
  formatPath,
  type Issue,
  type Providers,
  parseFleet,
} from '../core/fleet/index.ts';
import { printable } from '../core/printable.ts';
import { readCa } from './ca-file.ts';

/** Most problems to report: finding the position of each takes a walk through the file. */
export const MAX_PROBLEMS = 100;

/**
 * Validates a fleet that is an object with the content of a fleet file. Throws `bad-fleet` with a
 * line for each problem:
 *
 *     fleet.targets[0].grace: "40d"; expected shorter than the interval (30d)
 *
 * The path `network.ca` is relative to the working directory.
 */
export function checkFleet(data: unknown, providers: Providers): Fleet {
  const parsed = parseFleet(data, providers);
  const { fleet, issues } = parsed.fleet ? withCa(parsed.fleet, '.') : parsed;
  if (fleet) return fleet;
  const shown = issues.slice(0, MAX_PROBLEMS).map(({ path, ...issue }) => {
    const at = path.length === 0 ? 'fleet' : `fleet.${formatPath(path)}`;
    return printable(`${at}: ${formatIssue({ path, ...issue })}`);
  });
  throw bad([...shown, ...remarks(issues, parsed.partial)]);
}

/** The fleet with the certificates instead of the path to them. */
export function withCa(
  fleet: Fleet,
  folder: string,
): { readonly fleet?: Fleet; readonly issues: readonly Issue[] } {
  const { network } = fleet;
  if (network?.ca === undefined) return { fleet, issues: [] };
  const found = readCa(resolve(folder, network.ca));
  if ('pem' in found)
    return { fleet: { ...fleet, network: { ...network, ca: found.pem } }, issues: [] };
  return { issues: [{ path: ['network', 'ca'], value: network.ca, expected: found.expected }] };
}

/** Lines about problems that are not listed. */
export function remarks(issues: readonly Issue[], partial = false): readonly string[] {
  const lost = issues.length - MAX_PROBLEMS;
  return [
    ...(lost > 0 ? [`and ${lost} more`] : []),
    ...(partial ? ['when these are corrected, rekey checks how the settings go together'] : []),
  ];
}

/** A `bad-fleet` with a line for each problem. */
export const bad = (problems: readonly string[]): RekeyError =>
  new RekeyError('bad-fleet', problems.join('\n'));
