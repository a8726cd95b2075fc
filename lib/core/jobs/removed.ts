import { hasCode } from '../errors.ts';
import { type EventData, event } from '../events/index.ts';
import { aliveBehind, type Ledger, labels, parseLedger } from '../ledger/index.ts';
import { secretRecord } from '../ledger/record.ts';
import type { Snapshot } from '../ports.ts';
import type { Engine } from '../reconcile/index.ts';
import { DAY, HOUR, MINUTE, stamp } from '../time.ts';

/**
 * From when on, and how long, a removal is told again, should the worker that wrote it down have
 * died before it told.
 */
const AGAIN_AFTER = 1 * MINUTE;
const AGAIN_FOR = 2 * HOUR;

/**
 * Whether a worker is to announce of a secret that bears the fleet's tag and is no target: once, and in
 * the two sweeps after that. Of one that is scheduled for deletion, where nothing can be written
 * down: in the first hour, and then once a day until it is gone.
 */
export function needsAnnouncement(removed: Snapshot, now: Date, minutes: number): boolean {
  const ledger = parseLedger(removed);
  if (removed.deletedAt)
    return aliveBehind(ledger, now).length > 0 && isDeletionDue(removed.deletedAt, now, minutes);
  const { current } = ledger;
  if (!current?.removedAt) return current !== undefined;
  const age = Number(now) - Number(current.removedAt);
  return !current.retired && age >= AGAIN_AFTER && age <= Math.min(2 * minutes * MINUTE, AGAIN_FOR);
}

/**
 * The date may be that of the order or that of the deletion: they are whole days apart, so the hour
 * of the day is the same.
 */
function isDeletionDue(deletedAt: Date, now: Date, minutes: number): boolean {
  const age = Number(now) - Number(deletedAt);
  return ((age % DAY) + DAY) % DAY < (age > DAY ? minutes * MINUTE : HOUR);
}

/**
 * Announces that a secret with this fleet's tag is no target of it any more: whatever is alive
 * behind it stays alive, and nobody rotates or revokes it. When it left is written down first, and
 * is part of the event's id: a target may come back, and leave again. True if it was announced now.
 */
export async function announceRemoved(
  { store, events, clock }: Pick<Engine, 'store' | 'events' | 'clock'>,
  fleet: string,
  secret: Snapshot,
  correlationId: string,
): Promise<boolean> {
  const record = secretRecord(store, secret.name);
  await record.refresh();
  if (!record.snapshot) return false;
  const time = clock.now();
  const { deletedAt } = record.snapshot;
  const { current, arn } = record.ledger;
  const data: EventData<'Target Removed'> = { secretArn: arn, ...living(record.ledger, time) };
  const announce = async (transition: string): Promise<true> => {
    const context = { fleet, target: secret.name, time, correlationId };
    await events.publish([event('Target Removed', transition, context, data)]);
    return true;
  };
  if (deletedAt)
    return data.liveCredentials > 0 && announce(`${current?.id ?? ''} deleted ${stamp(deletedAt)}`);
  if (!current || current.retired) return false;
  if (current.removedAt) {
    const age = Number(time) - Number(current.removedAt);
    return (
      age >= AGAIN_AFTER &&
      age <= AGAIN_FOR &&
      announce(`${current.id} ${stamp(current.removedAt)}`)
    );
  }
  const label = labels.removed(current.id, time);
  try {
    await record.attach(label, current.id);
  } catch (error) {
    // nothing says since when: told by the same id in each sweep, until there is room
    if (hasCode(error, 'label-limit')) return announce(current.id);
    throw error;
  }
  try {
    return await announce(`${current.id} ${stamp(time)}`);
  } catch (error) {
    // should that fail too, it is told again all the same
    await record.remove(label, current.id).catch(() => {});
    throw error;
  }
}

function living(
  ledger: Ledger,
  now: Date,
): Pick<EventData<'Target Removed'>, 'liveCredentials' | 'credentials'> {
  const credentials = aliveBehind(ledger, now).flatMap(({ id, credential }) =>
    credential
      ? [
          {
            versionId: id,
            credentialId: credential.id,
            ...(credential.expiresAt && { expiresAt: credential.expiresAt.toISOString() }),
          },
        ]
      : [],
  );
  return { liveCredentials: credentials.length, credentials };
}
