import { parseFleet, type Target } from '../../../lib/core/fleet/index.ts';
import { providers } from '../../../lib/providers/index.ts';

/** What the fleet file says of one target; a person may change it. */
export interface Entry {
  readonly name: string;
  present: boolean;
  format: 'fields' | 'dockerconfigjson';
  days: number;
  /** It rotates in two hours of the night alone. */
  windowed: boolean;
  /** It is another provider's now. */
  moved: boolean;
  /** The fleet file says where it was before it last moved. */
  former: boolean;
}

/** A provider, and the admin secret used there. */
export interface Place {
  readonly provider: string;
  readonly admin: string;
  readonly params: unknown;
}

const window = { cron: '0 3 * * *', timezone: 'UTC', duration: '2h' };

/** Reading a fleet file takes its time, and a history has few different ones. */
const read = new Map<string, Target>();

/** The target that a fleet file with this entry has. */
export function targetOf(entry: Entry, driver: Target['driver'], places: readonly Place[]): Target {
  const { name, format, days, windowed, moved, former } = entry;
  const [place, before] = moved ? [...places].reverse() : places;
  const key = [
    place?.provider,
    driver,
    name,
    format,
    days,
    windowed,
    former && before?.provider,
  ].join();
  const known = read.get(key);
  if (known) return known;
  const written = {
    name,
    ...place,
    format,
    driver,
    interval: `${days}d`,
    ...(windowed && { window }),
    ...(former && before && { former: [before] }),
  };
  const { fleet, issues } = parseFleet({ fleet: 'acme', targets: [written] }, providers);
  const [target] = fleet?.targets ?? [];
  if (!target) throw new Error(`no target of ${place?.provider}: ${JSON.stringify(issues)}`);
  read.set(key, target);
  return target;
}
