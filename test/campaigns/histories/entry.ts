import { parseFleet, type Target } from '../../../lib/core/fleet/index.ts';
import { providers } from '../../../lib/providers/index.ts';

/** The fleet file's entry for one target. A person may change it. */
export interface Entry {
  readonly name: string;
  present: boolean;
  format: 'fields' | 'dockerconfigjson';
  days: number;
  /** True if it may rotate only in two hours of the night. */
  windowed: boolean;
  /** True if it has moved to the other provider. */
  moved: boolean;
  /** True if the fleet file names its previous place. */
  former: boolean;
}

/** A provider, and the admin secret used there. */
export interface Place {
  readonly provider: string;
  readonly admin: string;
  readonly params: unknown;
}

const window = { cron: '0 3 * * *', timezone: 'UTC', duration: '2h' };

/** Reading a fleet file takes time, and a history has few different ones. */
const read = new Map<string, Target>();

/** The target of a fleet file with this entry. */
export function targetOf(entry: Entry, driver: Target['driver'], places: readonly Place[]): Target {
  const { name, format, days, windowed, moved, former } = entry;
  const [place, before] = moved ? [...places].reverse() : places;
  const written = {
    name,
    ...place,
    format,
    driver,
    interval: `${days}d`,
    ...(windowed && { window }),
    ...(former && before && { former: [before] }),
  };
  // the whole entry: another life of this thread may use the same provider with another admin
  const key = JSON.stringify(written);
  const known = read.get(key);
  if (known) return known;
  const { fleet, issues } = parseFleet({ fleet: 'acme', targets: [written] }, providers);
  const [target] = fleet?.targets ?? [];
  if (!target) throw new Error(`no target of ${place?.provider}: ${JSON.stringify(issues)}`);
  read.set(key, target);
  return target;
}
