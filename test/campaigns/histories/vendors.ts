import type { Clock } from '../../../lib/core/ports.ts';
import type { Faults } from '../../../lib/sandbox/faults.ts';
import type { serve } from '../../../lib/sandbox/serve.ts';
import { type SimulatedVendor, vendors } from '../../../lib/sandbox/vendors/index.ts';
import { providersThat } from '../../support/providers.ts';

/** The vendors of a history. They fail and recover together. */
export interface Vendors {
  readonly endpoints: Readonly<Record<string, { readonly api: string; readonly registry: string }>>;
  readonly faults: Pick<Faults, 'next' | 'clear'>;
  readonly registryFaults: Pick<Faults, 'next' | 'clear'>;
  readonly all: readonly SimulatedVendor[];
  credentials(): ReturnType<SimulatedVendor['credentials']>;
  /** From now on, their registries learn of API changes after this delay. */
  lag(ms: number): void;
  close(): Promise<void>;
}

/** The provider that a target moves to. */
export function otherThan(name: string): string {
  const movable = providersThat({ lists: true, revokes: true, cramped: false, readsAgain: false });
  return movable.find((one) => one !== name) ?? name;
}

export async function startVendors(
  names: readonly string[],
  options: { readonly clock: Clock; readonly random: () => number; readonly serve: typeof serve },
): Promise<Vendors> {
  const all = names.map((name) => {
    const vendor = vendors[name]?.(options);
    if (!vendor) throw new Error(`no simulated vendor ${name}`);
    return vendor;
  });
  const started = await Promise.all(all.map((vendor) => vendor.start(options)));
  const each = (of: (vendor: SimulatedVendor) => Faults): Pick<Faults, 'next' | 'clear'> => ({
    next: (...args) => {
      for (const vendor of all) of(vendor).next(...args);
    },
    clear: () => {
      for (const vendor of all) of(vendor).clear();
    },
  });
  return {
    endpoints: Object.fromEntries(
      started.map(({ endpoint, registry }, index) => [
        names[index] ?? '',
        { api: endpoint, registry },
      ]),
    ),
    faults: each(({ faults }) => faults),
    registryFaults: each(({ registryFaults }) => registryFaults),
    all,
    credentials: () => all.flatMap((vendor) => vendor.credentials()),
    lag(ms) {
      for (const { behaviour } of all)
        Object.assign(behaviour.delays, { create: ms, disable: ms, delete: ms });
    },
    close: async () => void (await Promise.all(started.map(({ close }) => close()))),
  };
}
