import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { decide } from '../../../lib/core/decide/index.ts';
import type { InboundType } from '../../../lib/core/events/index.ts';
import { FLEET_TAG, parseFleet } from '../../../lib/core/fleet/index.ts';
import { request } from '../../../lib/core/jobs/requests.ts';
import { parseLedger, superseded } from '../../../lib/core/ledger/index.ts';
import { parseValue } from '../../../lib/core/ledger/value.ts';
import { realmsOf } from '../../../lib/core/reconcile/index.ts';
import { plus } from '../../../lib/core/time.ts';
import { providers } from '../../../lib/providers/index.ts';
import type { Sandbox } from '../../../lib/sandbox/index.ts';
import { createEngine } from '../../../lib/wiring/engine.ts';
import { shiftedClock } from './job.ts';

export type Track = Awaited<ReturnType<typeof createTrack>>;

/**
 * One target of the races, and the judge of each round. The judge's only dependency on rekey is the
 * reading of labels.
 */
export async function createTrack(sandbox: Sandbox, name: string, offset: () => number) {
  const vendor = sandbox.vendors.find(({ provider }) => provider === name);
  const provider = providers[name];
  if (!vendor || !provider) throw new Error(`no provider ${name} with a simulated vendor`);
  const { aws, endpoints } = sandbox;
  const entry = {
    name,
    provider: name,
    admin: `admin/${name}`,
    params: vendor.params,
    interval: '4h',
    grace: '1h',
    soak: '1h',
  };
  const { fleet, issues } = parseFleet({ fleet: 'acme', targets: [entry] }, providers);
  const [target] = fleet?.targets ?? [];
  if (!target) throw new Error(`no target of ${name}: ${JSON.stringify(issues)}`);
  const client = {
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: aws.requestHandler,
  };
  const secretsManager = new SecretsManagerClient(client);
  await secretsManager.send(
    new CreateSecretCommand({ Name: target.admin, SecretString: vendor.admin }),
  );
  await secretsManager.send(
    new CreateSecretCommand({ Name: target.secret, Tags: [{ Key: FLEET_TAG, Value: 'acme' }] }),
  );
  const clock = shiftedClock(offset);
  const { store, registry } = createEngine({
    secretsManager,
    eventBridge: new EventBridgeClient(client),
    bus: 'default',
    clock,
    endpoints,
  });

  const states = () => new Map(vendor.credentials().map(({ id, state }) => [id, state]));
  const ledger = async () => {
    const snapshot = await store.describe(target.secret);
    if (!snapshot) throw new Error('the secret is gone');
    return parseLedger(snapshot);
  };
  const accepts = async (version: string) => {
    const value = await store.read(target.secret, version);
    const login = value && parseValue(value);
    if (!login) return 'no credential';
    const realms = realmsOf({ providers, endpoints }, target);
    return (await registry.check({ ...login, realms }, new AbortController().signal)).outcome;
  };
  const promotedTo = () => {
    const events = aws.events.recorded('default') as unknown as {
      'detail-type': string;
      detail: { metadata: { target: string }; data: { versionId: string } };
    }[];
    const ours = events.filter(
      (event) =>
        event['detail-type'] === 'Credential Rotated' && event.detail.metadata.target === name,
    );
    return new Set(ours.map(({ detail }) => detail.data.versionId));
  };

  let before = states();
  let current: string | undefined;
  let begun = clock.now();
  const supersededAt = new Map<string, Date>();

  return {
    name,
    target,
    /** Before a round: sends a request. */
    async ask(type: InboundType | undefined): Promise<void> {
      begun = clock.now();
      aws.events.reset();
      if (type) await request(store, clock, type, target).catch(() => {});
    },
    /** True if no work is left, because a worker has succeeded. */
    async settled(): Promise<boolean> {
      const { action, reason } = decide(target, await store.describe(target.secret), clock.now());
      return action === 'wait' && reason !== 'backing-off';
    },
    /** After a round: returns the problems. */
    async judge(): Promise<string[]> {
      const wrong: string[] = (await this.settled()) ? [] : ['it does not settle'];
      const now = clock.now();
      const after = states();
      const { current: is, pending, versions } = await ledger();
      if (!is?.credential) return ['no credential is current'];
      const verdict = await accepts(is.id);
      if (verdict !== 'accepted') wrong.push(`the registry answers ${verdict} to AWSCURRENT`);
      if (pending) wrong.push(`version ${pending.id} is left pending`);
      const promoted = promotedTo();
      if (promoted.size > 1) wrong.push(`${promoted.size} successors were promoted`);
      if (is.id !== current && current) supersededAt.set(current, begun);
      current = is.id;
      for (const version of versions.filter(superseded)) {
        const { id, credential, revokeAfter, compromisedAt } = version;
        if (!revokeAfter) wrong.push(`version ${id} is superseded, and has no time of revocation`);
        const ended =
          before.get(credential.id) === 'enabled' && after.get(credential.id) !== 'enabled';
        const since = supersededAt.get(id);
        if (ended && since && !compromisedAt && now < plus(since, target.grace))
          wrong.push(`version ${id} was revoked early`);
      }
      const known = new Set(
        versions.flatMap(({ credential }) => (credential ? [credential.id] : [])),
      );
      const alive = [...after].filter(([, state]) => state === 'enabled' || state === 'disabled');
      const orphans = alive.filter(([id]) => !known.has(id));
      if (orphans.length > 0)
        wrong.push(`${orphans.length} credentials are alive and in no version`);
      before = after;
      return wrong;
    },
  };
}
