import { decide } from '../decide/index.ts';
import { event } from '../events/index.ts';
import type { Target } from '../fleet/target.ts';
import type { Engine } from '../reconcile/index.ts';
import { stamp } from '../time.ts';

/**
 * Announces what a run would do to a target now, without doing it. The same plan, due since the
 * same time, has the same event id.
 */
export async function announcePlan(
  { store, events, clock }: Pick<Engine, 'store' | 'events' | 'clock'>,
  target: Target,
  correlationId: string,
  options: { readonly doubted?: boolean } = {},
): Promise<void> {
  const snapshot = await store.describe(target.secret);
  const time = clock.now();
  const decision = decide(target, snapshot, time, options);
  if (!snapshot || decision.action === 'wait') return;
  const { action, reason, version, at } = decision;
  const transition = [action, reason, version?.id ?? '', stamp(at)].join(' ');
  const { fleet, name, provider } = target;
  const plan = {
    provider,
    secretArn: snapshot.arn,
    action,
    reason,
    ...(version && { versionId: version.id }),
  };
  await events.publish([
    event('Action Planned', transition, { fleet, target: name, time, correlationId }, plan),
  ]);
}
