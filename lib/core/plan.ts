import { decide } from './decide/index.ts';
import { event } from './events/index.ts';
import type { Target } from './fleet/target.ts';
import type { Engine } from './reconcile/index.ts';
import { HOUR } from './time.ts';

/** Tells what would be done to a target now, and does nothing. The same plan has the same id for an hour. */
export async function announcePlan(
  { store, events, clock }: Pick<Engine, 'store' | 'events' | 'clock'>,
  target: Target,
  correlationId: string,
): Promise<void> {
  const snapshot = await store.describe(target.secret);
  const time = clock.now();
  const { action, reason, ...due } = decide(target, snapshot, time);
  if (!snapshot || action === 'wait') return;
  const version = 'version' in due ? due.version : undefined;
  const transition = [action, reason, version?.id ?? '', Math.floor(Number(time) / HOUR)].join(' ');
  const { fleet, name, provider } = target;
  const plan = { provider, secretArn: snapshot.arn, action, reason, ...(version && { versionId: version.id }) };
  await events.publish([event('Action Planned', transition, { fleet, target: name, time, correlationId }, plan)]);
}
