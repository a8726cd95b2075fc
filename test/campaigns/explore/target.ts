import type { Target } from '../../../lib/core/fleet/index.ts';
import { retiredTarget } from '../../../lib/core/jobs/retire.ts';
import type { Capabilities } from '../../../lib/core/provider.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/core/time.ts';
import { SECRET, type World } from './world.ts';

export interface Variant {
  readonly capabilities: Capabilities;
  /** Its credentials can be listed. */
  readonly finds: boolean;
  /** A credential can be disabled and enabled again. */
  readonly disables: boolean;
  /** False for expiry-only credentials. */
  readonly revocable: boolean;
  /** Lifetime of a credential, if the vendor fixes it. */
  readonly lifetime?: number;
}

const able: Capabilities = {
  expiry: false,
  liveAtOnce: 100,
  readAgain: false,
  bearer: false,
};
const deleting: Variant = { capabilities: able, finds: true, disables: false, revocable: true };

export const variants = {
  delete: deleting,
  disable: { ...deleting, capabilities: { ...able, expiry: true }, disables: true },
  two: { ...deleting, capabilities: { ...able, liveAtOnce: 2 }, disables: true },
  expiry: { ...deleting, capabilities: { ...able, expiry: true }, finds: false },
  temporary: {
    ...deleting,
    capabilities: { ...able, expiry: true },
    finds: false,
    revocable: false,
    lifetime: 24 * HOUR,
  },
  readagain: { ...deleting, capabilities: { ...able, readAgain: true } },
} as const satisfies Record<string, Variant>;
export type VariantName = keyof typeof variants;

let chosen: Variant = variants.delete;
/** One thread explores one variant at a time. */
export const choose = (name: VariantName): void => {
  chosen = variants[name];
};
export const variant = (): Variant => chosen;

/**
 * `tolerance`: a credential may end this much before its grace, because the calls of a promotion
 * take time.
 */
export const timing = () => ({
  interval: chosen.lifetime ? 12 * HOUR : 7 * DAY,
  grace: chosen.lifetime ? 2 * HOUR : DAY,
  soak: chosen.disables ? DAY : 0,
  tolerance: MINUTE,
});

/** The target in the current fleet file. */
export function targetOf({ spec, retiredAt }: Pick<World, 'spec' | 'retiredAt'>): Target {
  const { tolerance: _, ...timings } = timing();
  const target: Target = {
    fleet: 'acme',
    name: 'app',
    secret: SECRET,
    provider: 'vendor',
    admin: 'admin/vendor',
    params: {},
    place: 'place001',
    driver: 'rekey',
    spec,
    format: 'fields',
    ...timings,
    compromisedGrace: 0,
    revocable: chosen.revocable,
    liveAtOnce: Math.min(chosen.capabilities.liveAtOnce, 20),
    verify: { within: 30 * SECOND, every: 5 * MINUTE },
  };
  return retiredAt === undefined ? target : retiredTarget(target);
}
