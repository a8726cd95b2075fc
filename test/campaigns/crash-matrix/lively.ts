import type { InboundType } from '../../../lib/core/events/index.ts';
import type { Ledger } from '../../../lib/core/ledger/index.ts';
import { latest, MINUTE, plus } from '../../../lib/core/time.ts';
import { Violation } from './witness.ts';
import type { World } from './world.ts';

/** A request that was accepted, and the credentials at that time. */
export interface Taken {
  readonly type: InboundType;
  readonly at: Date;
  readonly current: string | undefined;
  /** Credentials in the secret. */
  readonly credentials: readonly string[];
}

export const taken = (type: InboundType, at: Date, { current, versions }: Ledger): Taken => ({
  type,
  at,
  current: current?.id,
  credentials: versions.flatMap(({ credential, discarded }) =>
    credential && !discarded ? [credential.id] : [],
  ),
});

/**
 * The time at which everything important must be done if vendor and AWS are healthy and workers
 * run: ten minutes from now, or later if a rate limit applies. A rotation starts at least a quarter
 * of an hour after the previous one, and Secrets Manager is not asked again sooner.
 */
export function wellBy({ clock, vendor, target }: World): Date {
  const youngest = latest(new Date(0), ...vendor.credentials().map(({ createdAt }) => createdAt));
  const rest = 20 * MINUTE;
  return latest(
    plus(clock.now(), 10 * MINUTE),
    plus(youngest, rest),
    ...(target.driver === 'rekey' ? [] : [plus(clock.now(), rest)]),
  );
}

const answers: Readonly<Record<InboundType, readonly string[]>> = {
  'Rotation Requested': ['Credential Rotated', 'Rotation Failed', 'Target Paused', 'Request Held'],
  'Rollback Requested': ['Rolled Back', 'Rollback Failed'],
  'Credential Compromised': [],
  'Compromise Confirmed': [],
};

interface Told {
  readonly 'detail-type': string;
  readonly detail: {
    readonly metadata: { readonly time: string };
    readonly data: { readonly credentialId?: string };
  };
}

/**
 * Checks that AWSCURRENT is alive, that every compromised credential is dead or its failed
 * revocation announced, and that every request was carried out or answered.
 */
export async function lively(
  world: World,
  requests: readonly Taken[],
  retired: boolean,
): Promise<void> {
  const events = world.aws.events.recorded('default') as unknown as readonly Told[];
  const since = (at: Date, ...types: readonly string[]) =>
    events.filter(
      (event) => types.includes(event['detail-type']) && new Date(event.detail.metadata.time) >= at,
    );
  const { current } = await world.ledger();
  const states = world.states();
  for (const { type, at, credentials, current: before } of requests) {
    const failing = since(at, 'Revocation Failed', 'Revocation Abandoned').map(
      ({ detail }) => detail.data.credentialId,
    );
    const leaked = type === 'Credential Compromised' && world.provider.revoke ? credentials : [];
    for (const id of leaked) {
      if (states.get(id) === 'enabled' && !failing.includes(id))
        throw new Violation(
          `ten healthy minutes after a compromise ${id} is alive, and no event says why`,
        );
    }
    const rotated = type === 'Rotation Requested' && current?.id !== before;
    if (
      type !== 'Credential Compromised' &&
      !retired &&
      !rotated &&
      since(at, ...answers[type]).length === 0
    )
      throw new Violation(`after ten healthy minutes, ${type} was neither honored nor answered`);
  }
  if (retired) return;
  if (!current?.credential)
    throw new Violation('after ten healthy minutes no credential is current');
  const state = states.get(current.credential.id) ?? 'deleted';
  if (state !== 'enabled')
    throw new Violation(`after ten healthy minutes the credential of AWSCURRENT is ${state}`);
  const verdict = await world.accepts(current.id);
  if (verdict !== 'accepted')
    throw new Violation(`after ten healthy minutes the registry answers ${verdict} to AWSCURRENT`);
}
