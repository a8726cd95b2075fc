import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Clock } from '../core/ports.ts';
import { createEmbeddedAws, type EmbeddedAws } from './aws/index.ts';
import { keptFile, readIfThere } from './kept-file.ts';
import { type SimulatedVendor, vendors } from './vendors/index.ts';

/** An embedded AWS and the simulated vendors, all on loopback. */
export interface Sandbox {
  readonly aws: EmbeddedAws;
  /** Endpoint for SDK clients and the AWS CLI. */
  readonly url: string;
  readonly vendors: readonly SimulatedVendor[];
  /** The vendors' addresses for the engine. */
  readonly endpoints: Readonly<Record<string, { readonly api: string; readonly registry: string }>>;
  /** True if the state comes from an earlier run. */
  readonly resumed: boolean;
  /** Saves the state of the vendors. The embedded AWS saves its own after each change. */
  save(): Promise<void>;
  close(): Promise<void>;
}

interface SandboxOptions {
  readonly clock: Clock;
  /** Port of the embedded AWS. @default a free one, or that of the earlier run */
  readonly port?: number;
  /** Folder that keeps the state between runs. @default in memory only */
  readonly folder?: string | undefined;
  /** Vendors of own providers, in addition to those of rekey's. @default none */
  readonly vendors?: typeof vendors;
}

const port = z.int().min(1).max(65_535);
/** Stored secrets name registries by host and port, so the ports must not change. */
const stored = z.record(
  z.string(),
  z.object({ apiPort: port, registryPort: port, state: z.unknown() }),
);

const portOf = (address: string): number =>
  Number(new URL(address.includes('://') ? address : `http://${address}`).port);

/** Starts everything. If one part fails, closes the parts that were started. */
export async function startSandbox({
  clock,
  port = 0,
  folder,
  vendors: own = {},
}: SandboxOptions): Promise<Sandbox> {
  if (folder) makeFolder(folder);
  const file = (name: string) => folder && join(folder, name);
  const before = readVendors(file('vendors.json'));
  const aws = createEmbeddedAws({ clock, file: file('aws.json') });
  const started: Record<string, { vendor: SimulatedVendor; api: string; registry: string }> = {};
  const kept = keptFile(file('vendors.json'), () =>
    Object.fromEntries(
      Object.entries(started).map(([name, { vendor, api, registry }]) => [
        name,
        { apiPort: portOf(api), registryPort: portOf(registry), state: vendor.dump() },
      ]),
    ),
  );
  const closing: (() => Promise<void>)[] = [() => aws.close()];
  const close = async () => {
    await kept.save();
    for (const stop of closing.splice(0).reverse()) await stop();
  };
  try {
    const { url } = await aws.serve({ port });
    for (const [name, create] of Object.entries({ ...vendors, ...own })) {
      const vendor = create({ clock });
      const earlier = before?.[name];
      if (earlier) vendor.restore(earlier.state);
      const {
        endpoint,
        registry,
        close: stop,
      } = await vendor.start(earlier).catch((error: unknown) => {
        if (!earlier || !/in use/.test(String(error))) throw error;
        throw new Error(
          [
            `the state folder ${folder} is in use by another demonstration; end it, or name`,
            'another folder',
          ].join(' '),
        );
      });
      closing.push(stop);
      started[name] = { vendor, api: endpoint, registry };
    }
    await kept.save();
    const endpoints = Object.fromEntries(
      Object.entries(started).map(([name, { api, registry }]) => [name, { api, registry }]),
    );
    const all = Object.values(started).map(({ vendor }) => vendor);
    return {
      aws,
      url,
      vendors: all,
      endpoints,
      resumed: before !== undefined,
      save: () => kept.save(),
      close,
    };
  } catch (error) {
    for (const stop of closing.splice(0).reverse()) await stop();
    throw error;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    throw new Error(`${folder} is not a writable folder; move it away or name another one`);
  }
}

function readVendors(file: string | undefined): z.infer<typeof stored> | undefined {
  const text = file && readIfThere(file);
  if (!text) return undefined;
  try {
    return stored.parse(JSON.parse(text));
  } catch {
    throw new Error(
      `${file} is not the state of simulated vendors; move it away or name another folder`,
    );
  }
}
