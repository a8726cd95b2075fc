import type { RekeyEvent } from '../../lib/core/events/index.ts';
import type { Target } from '../../lib/core/fleet/index.ts';
import { secretRecord } from '../../lib/core/ledger/record.ts';
import type { Snapshot } from '../../lib/core/ports.ts';
import type { Provider } from '../../lib/core/provider.ts';
import type { Engine } from '../../lib/core/reconcile/engine.ts';
import type { Run } from '../../lib/core/reconcile/run.ts';
import { labelStore } from './label-store.ts';
import { aProvider } from './provider-stub.ts';
import { T0 } from './snapshot.ts';

interface Options {
  readonly target: Target;
  /** Receives the announced events. */
  readonly published?: RekeyEvent[];
  readonly now?: Date;
  readonly provider?: Provider;
}

/**
 * A run over a secret, for steps that need no registry. They write labels, announce, and call the
 * given provider.
 */
export async function aRun(
  snapshot: Snapshot,
  { target, published = [], now = T0, provider = aProvider(target.provider) }: Options,
): Promise<Run> {
  const { store } = labelStore(snapshot);
  const clock = { now: () => now, sleep: async () => {} };
  const events = { publish: async (batch: readonly RekeyEvent[]) => void published.push(...batch) };
  const admins = { get: async () => ({}), drop: () => {} };
  const engine: Pick<Engine, 'store' | 'clock' | 'events' | 'admins'> = {
    store,
    clock,
    events,
    admins,
  };
  const record = secretRecord(store, target.secret);
  await record.refresh();
  return {
    engine: engine as Engine,
    target,
    record,
    provider,
    correlationId: 'run-1',
    signal: new AbortController().signal,
    progress: {},
  };
}
