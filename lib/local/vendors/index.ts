import { createSimulatedDeepgram } from './deepgram.ts';
import { createSimulatedDigitalocean } from './digitalocean.ts';
import { createSimulatedIonos } from './ionos.ts';
import type { SimulatedVendor, VendorOptions } from './vendor.ts';

/** Every simulated vendor by the name of its provider. */
export const vendors: Readonly<Record<string, (options: VendorOptions) => SimulatedVendor>> = {
  deepgram: createSimulatedDeepgram,
  digitalocean: createSimulatedDigitalocean,
  ionos: createSimulatedIonos,
};

export type { Behaviour, SimulatedCredential, SimulatedVendor, Started, VendorOptions } from './vendor.ts';
