import { createHash } from 'node:crypto';
import type * as z from 'zod';
import { LABEL_LIMIT } from '../ledger/index.ts';
import type { Provider } from '../provider.ts';
import { parseDuration } from '../time.ts';
import { placeOf } from './place.ts';
import type { fleetSchema, targetSchema } from './schema.ts';
import type { Former, Target } from './target.ts';

type Written = z.infer<ReturnType<typeof targetSchema>>;
type Timing = z.infer<(typeof fleetSchema)['shape']['defaults']>;

interface Context {
  readonly fleet: string;
  readonly defaults: Timing;
  /** The parameters as written in the file. */
  readonly written: unknown;
  readonly of: Provider;
  readonly former: readonly Former[];
}

/** A target as the engine needs it, with all defaults filled in. */
export function resolve(entry: Written, { fleet, defaults, written, of, former }: Context): Target {
  const duration = (text: string) => parseDuration(text) ?? 0;
  const { verify, window, name, provider, admin, params, format, driver } = entry;
  return {
    fleet,
    name,
    secret: entry.secret ?? `rekey/${fleet}/${name}`,
    provider,
    admin,
    params,
    place: placeOf(of, admin, params),
    ...(former.length > 0 && { former }),
    driver,
    spec: specHash(provider, written, format),
    format,
    interval: duration(entry.interval ?? defaults.interval),
    grace: duration(entry.grace ?? defaults.grace),
    soak: of.enable ? duration(entry.soak ?? defaults.soak) : 0,
    compromisedGrace: duration(entry.compromisedGrace ?? defaults.compromisedGrace),
    revocable: of.revoke !== undefined,
    liveAtOnce: Math.min(of.capabilities.liveAtOnce, LABEL_LIMIT),
    window: window && { ...window, duration: duration(window.duration) },
    verify: {
      within: duration(verify.within),
      every: duration(verify.every),
      access: verify.repository
        ? { repository: verify.repository, actions: verify.actions }
        : undefined,
      manifest: verify.manifest,
    },
  };
}

/**
 * The hash of the written parameters, not of the parsed ones, so that a new default never rotates a
 * fleet.
 */
function specHash(provider: string, params: unknown, format: string): string {
  return createHash('sha256')
    .update(JSON.stringify([provider, sorted(params), format]))
    .digest('hex')
    .slice(0, 8);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
