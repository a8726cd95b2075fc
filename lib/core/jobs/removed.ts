import { hasCode } from '../errors.ts';
import { type EventData, event } from '../events/index.ts';
import { aliveBehind, type Ledger, labels, parseLedger } from '../ledger/index.ts';
import { secretRecord } from '../ledger/record.ts';
import type { Snapshot } from '../ports.ts';
import type { Engine } from '../reconcile/index.ts';
import { DAY, HOUR, MINUTE, stamp } from '../time.ts';

/**
 * Milliseconds. A removal is announced again from the first of these ages to the second: the worker
 * that recorded it may have died before it announced it.
 */
const AGAIN_AFTER = 1 * MINUTE;
const AGAIN_FOR = 2 * HOUR;

/**
 * True if a worker has to announce a secret that carries the fleet's tag and is not a target: once,
 * and in the two sweeps after that. A secret that is scheduled for deletion cannot take a label: it
 * is announced in the first hour, and then once a day until it is gone.
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
 * True when a scheduled deletion is to be announced. The date may be that of the request or that of
 * the deletion: they are whole days apart, so the hour of the day is the same.
 */
function isDeletionDue(deletedAt: Date, now: Date, minutes: number): boolean {
  const age = Number(now) - Number(deletedAt);
  return ((age % DAY) + DAY) % DAY < (age > DAY ? minutes * MINUTE : HOUR);
}

/**
 * Announces that a secret with this fleet's tag is no longer one of its targets: its live
 * credentials stay alive, and rekey neither rotates nor revokes them. The time of the removal is
 * recorded first, and is part of the event's id, because a target may come back and leave again.
 * True if it was announced now.
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
    // the time of the removal has no label: each sweep announces it with the same id, until there
    // is room for one
    if (hasCode(error, 'label-limit')) return announce(current.id);
    throw error;
  }
  try {
    return await announce(`${current.id} ${stamp(time)}`);
  } catch (error) {
    // if that fails too, the removal is still announced again
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
