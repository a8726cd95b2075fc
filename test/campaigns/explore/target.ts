import type { Target } from '../../../lib/core/fleet/index.ts';
import { retiredTarget } from '../../../lib/core/jobs/retire.ts';
import type { Capabilities } from '../../../lib/core/provider.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/core/time.ts';
import { SECRET, type World } from './world.ts';

export interface Variant {
  readonly capabilities: Capabilities;
  /** False for expiry-only credentials. */
  readonly revocable: boolean;
  /** Lifetime of a credential, if the vendor fixes it. */
  readonly lifetime?: number;
}

const able: Capabilities = {
  list: true,
  disable: false,
  expiry: false,
  liveAtOnce: 100,
  username: 'provider',
  readAgain: false,
};

export const variants = {
  delete: { capabilities: able, revocable: true },
  disable: { capabilities: { ...able, disable: true, expiry: true }, revocable: true },
  two: { capabilities: { ...able, disable: true, liveAtOnce: 2 }, revocable: true },
  expiry: { capabilities: { ...able, list: false, expiry: true }, revocable: true },
  temporary: {
    capabilities: { ...able, list: false, expiry: true },
    revocable: false,
    lifetime: 24 * HOUR,
  },
  readagain: { capabilities: { ...able, readAgain: true, username: 'label' }, revocable: true },
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
  soak: chosen.capabilities.disable ? DAY : 0,
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
