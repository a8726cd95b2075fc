import { parseFleet, type Target } from '../../lib/core/fleet/index.ts';
import { providers } from '../../lib/providers/index.ts';

/** What the fleet file says of one target; a person may change it. */
export interface Entry {
  readonly name: string;
  present: boolean;
  format: 'fields' | 'dockerconfigjson';
  days: number;
}

/** Reading a fleet file takes its time, and a history has few different ones. */
const read = new Map<string, Target>();

/** The target that a fleet file with this entry has. */
export function targetOf(
  { name, format, days }: Entry,
  { provider, params, driver }: { readonly provider: string; readonly params: unknown; readonly driver: Target['driver'] },
): Target {
  const key = [provider, driver, name, format, days].join();
  const known = read.get(key);
  if (known) return known;
  const entry = { name, provider, admin: 'admin', params, format, driver, interval: `${days}d` };
  const { fleet, issues } = parseFleet({ fleet: 'acme', targets: [entry] }, providers);
  const [target] = fleet?.targets ?? [];
  if (!target) throw new Error(`no target of ${provider}: ${JSON.stringify(issues)}`);
  read.set(key, target);
  return target;
}
