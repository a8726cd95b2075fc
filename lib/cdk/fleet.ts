import type { Fleet } from '../core/fleet/index.ts';
import { checkFleet } from '../wiring/fleet.ts';
import { readFleetFile } from '../wiring/fleet-file.ts';
import { loadProviders } from '../wiring/load-providers.ts';
import type { RekeyProps } from './props.ts';

/**
 * The fleet of a deployment, validated with all its providers. Throws `bad-fleet` with a line for
 * each problem.
 */
export function fleetOf({ fleetFile, fleet, providers }: RekeyProps): Fleet {
  const known = loadProviders(providers);
  if (fleetFile !== undefined && fleet === undefined) return readFleetFile(fleetFile, known);
  if (fleetFile === undefined && fleet !== undefined) return checkFleet(fleet, known);
  const given = fleet === undefined ? 'neither' : 'both';
  throw new Error(`Rekey has ${given} of the properties fleetFile and fleet; expected one of them`);
}
