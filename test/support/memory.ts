import type { RekeyEvent } from '../../lib/core/events/index.ts';
import type { Target } from '../../lib/core/fleet/index.ts';
import { relabeled } from '../../lib/core/ledger/index.ts';
import type { Clock, SecretStore, Snapshot, Verdict } from '../../lib/core/ports.ts';
import { matches, type Provider } from '../../lib/core/provider.ts';
import type { Engine } from '../../lib/core/reconcile/index.ts';
import { Secret } from '../../lib/core/secret.ts';
import { plus } from '../../lib/core/time.ts';
import { aProvider } from './provider-stub.ts';
import { T0 } from './snapshot.ts';

/** The labels of Secrets Manager in memory, for fleets that are too large for a wire. */
export function memoryStore(targets: readonly Target[]): SecretStore {
  const snapshots = new Map<string, Snapshot>(
    targets.map(({ secret }) => [secret, { arn: `arn:${secret}`, name: secret, versions: {} }]),
  );
  const values = new Map<string, Secret>();
  const known = (secret: string): Snapshot => {
    const found = snapshots.get(secret);
    if (!found) throw new Error(`the secret ${secret} does not exist`);
    return found;
  };
  const attach = (secret: string, label: string, move: { from?: string; to?: string }) =>
    void snapshots.set(secret, relabeled(known(secret), label, move));
  return {
    async *list() {
      yield* snapshots.values();
    },
    describe: async (secret) => snapshots.get(secret),
    read: async (
      secret,
      version = Object.entries(known(secret).versions).find(([, one]) =>
        one.includes('AWSCURRENT'),
      )?.[0],
    ) => values.get(`${secret} ${version}`),
    async put(secret, version, value, labels) {
      if (values.has(`${secret} ${version}`)) return 'exists';
      values.set(`${secret} ${version}`, value);
      for (const label of labels) attach(secret, label, { to: version });
      return 'stored';
    },
    async label(secret, label, { from, to }) {
      const [holder] =
        Object.entries(known(secret).versions).find(([, labels]) => labels.includes(label)) ?? [];
      if (from ? holder !== from : holder !== undefined && holder !== to) return false;
      attach(secret, label, { ...(from && { from }), ...(to && { to }) });
      return true;
    },
    rotate: async () => 'started',
  };
}

/**
 * An engine over the store. Its registry gives these verdicts on credentials of its one provider.
 */
export function memoryEngine(
  targets: readonly Target[],
  verdict: (username: string, now: Date) => Verdict,
  start = T0,
) {
  let now = start;
  const clock: Clock = {
    now: () => now,
    async sleep(ms) {
      now = plus(now, ms);
    },
  };
  const published: RekeyEvent[] = [];
  const alive = new Map<string, { readonly id: string; readonly label: string }>();
  let count = 0;
  const provider: Provider = {
    ...aProvider('ionos'),
    issue: async (_call, { label }) => {
      const id = `credential-${++count}`;
      alive.set(id, { id, label });
      return { id, username: id, password: new Secret('secret'), registry: 'registry.test' };
    },
    find: async (_call, filter) =>
      [...alive.values()].filter(({ label }) => matches(filter, label)),
    revoke: async (_call, { id }) => void alive.delete(id),
    enable: undefined,
  };
  const engine: Engine = {
    store: memoryStore(targets),
    events: { publish: async (events) => void published.push(...events) },
    registry: {
      check: async ({ username }) =>
        alive.has(username) ? verdict(username, now) : { outcome: 'refused' },
    },
    providers: { ionos: provider },
    http: { send: () => Promise.reject(new Error('HTTP is not available')) },
    clock,
    admins: { get: async () => ({ token: 'admin' }), drop: () => {} },
  };
  return {
    engine,
    published,
    alive,
    jumpTo: (time: Date) => {
      now = time > now ? time : now;
    },
    /** Number of credentials issued so far. */
    issued: () => count,
  };
}
