import { event } from '../events/index.ts';
import { uuidv5 } from '../ids/uuid.ts';
import { labels, labelsOf, type Version } from '../ledger/index.ts';
import { Secret } from '../secret.ts';
import { providerCall } from './call.ts';
import { revokeOwnOrphans } from './own-orphans.ts';
import { now, type Run, subject, type Transition } from './run.ts';

/** A constant text: for Secrets Manager, a repeat after a crash is then the same version. */
const placeholder = new Secret('{"rekey":"this target is retired and has no credential"}');

/**
 * Replaces the current credential by a placeholder; the credential is then superseded, and due at
 * once. A crash before AWSCURRENT moves changes nothing for consumers, and the next run does the
 * same again.
 */
export const vacate: Transition = async (run, due) => {
  const { record } = run;
  const current = subject(due);
  // no later rotation will find them
  if (run.provider.find) await revokeOwnOrphans(run, await providerCall(run));
  if (!current.credential) {
    // rekey does not replace a value that it did not write
    return record.replace(
      labelsOf(current, 'removed'),
      labels.retired(current.id, now(run)),
      current.id,
    );
  }
  const id = uuidv5(['retired', record.ledger.arn, current.id]);
  // an interrupted rotation may have left a later time, and the latest counts
  await record.replace(
    labelsOf(current, 'revoke-after'),
    labels.revokeAfter(current.id, now(run)),
    current.id,
  );
  // without AWSCURRENT: only a move fails if a successor was promoted meanwhile
  await record.put(id, placeholder, [labels.retired(id, now(run))]);
  await record.move('AWSCURRENT', current.id, id);
  // a repeated put changes nothing, so its label may be an older one
  await record.refresh();
};

/** Announces that every credential of a retired target is dead, then records that. */
export async function announceRetired(
  { engine, record, target, correlationId, signal }: Run,
  current: Version,
): Promise<void> {
  const time = engine.clock.now();
  // the fleet file no longer names the target: the events of its removal carry the secret's name
  const context = { fleet: target.fleet, target: record.name, time, correlationId };
  const data = { secretArn: record.ledger.arn };
  await engine.events.publish([event('Target Retired', current.id, context, data)], signal);
  await record.attach(labels.removed(current.id, time), current.id);
}
