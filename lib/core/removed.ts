import { event } from './events/index.ts';
import { labels } from './ledger.ts';
import type { Snapshot } from './ports.ts';
import type { Engine } from './reconcile/index.ts';
import { secretRecord } from './reconcile/record.ts';

/**
 * Announces, once, that a secret with this fleet's tag is no target of it any more: whatever is alive behind it stays
 * alive, and nobody rotates or revokes it. True if it was announced now.
 */
export async function announceRemoved(
  { store, events, clock }: Pick<Engine, 'store' | 'events' | 'clock'>,
  fleet: string,
  stranger: Snapshot,
  correlationId: string,
): Promise<boolean> {
  const record = secretRecord(store, stranger.name);
  await record.refresh();
  if (!record.snapshot || record.ledger.deleted) return false;
  const { current, versions, arn } = record.ledger;
  if (!current || current.removedAt) return false;
  const time = clock.now();
  const liveCredentials = versions.filter(({ credential }) => credential).length;
  const context = { fleet, target: stranger.name, time, correlationId };
  await events.publish([event('Target Removed', current.id, context, { secretArn: arn, liveCredentials })]);
  await record.attach(labels.removed(current.id, time), current.id);
  return true;
}
