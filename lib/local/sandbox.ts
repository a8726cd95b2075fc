import type { Clock } from '../core/ports.ts';
import { createEmbeddedAws, type EmbeddedAws } from './aws/index.ts';
import { type SimulatedVendor, vendors } from './vendors/index.ts';

/** An embedded AWS and the simulated vendors, all on loopback. */
export interface Sandbox {
  readonly aws: EmbeddedAws;
  /** Endpoint for SDK clients and the AWS CLI. */
  readonly url: string;
  readonly vendors: readonly SimulatedVendor[];
  /** Where the engine finds the vendors. */
  readonly endpoints: Readonly<Record<string, { readonly api: string; readonly registry: string }>>;
  close(): Promise<void>;
}

/** Starts them all; what was started is closed again if one of them fails. */
export async function startSandbox({ clock, port = 0 }: { readonly clock: Clock; readonly port?: number }): Promise<Sandbox> {
  const aws = await createEmbeddedAws({ clock });
  const closing: (() => Promise<void>)[] = [() => aws.close()];
  const close = async () => {
    for (const stop of closing.splice(0).reverse()) await stop();
  };
  try {
    const { url } = await aws.serve({ port });
    const started = Object.values(vendors).map((create) => create({ clock }));
    const endpoints: Record<string, { api: string; registry: string }> = {};
    for (const vendor of started) {
      const { endpoint, registry, close: stop } = await vendor.start();
      closing.push(stop);
      endpoints[vendor.provider] = { api: endpoint, registry };
    }
    return { aws, url, vendors: started, endpoints, close };
  } catch (error) {
    await close();
    throw error;
  }
}
