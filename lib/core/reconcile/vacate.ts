import { event } from '../events/index.ts';
import { uuidv5 } from '../ids/uuid.ts';
import { labels, labelsOf, type Version } from '../ledger/index.ts';
import { Secret } from '../secret.ts';
import { providerCall } from './call.ts';
import { revokeOwnOrphans } from './own-orphans.ts';
import { now, type Run, subject, type Transition } from './run.ts';

/** Always the same text: a repeat after a crash is then the same version to Secrets Manager. */
const placeholder = new Secret(
  '{"rekey":"this target is retired, there is no credential for it any more"}',
);

/**
 * Puts a placeholder in the place of the current credential, which is then a superseded one, due at
 * once. Whatever crashes before AWSCURRENT moves leaves all as it was, and the next run does the
 * same again.
 */
export const vacate: Transition = async (run, due) => {
  const { record } = run;
  const current = subject(due);
  // no rotation will come any more to find them
  if (run.provider.find) await revokeOwnOrphans(run, await providerCall(run));
  if (!current.credential) {
    // a value that somebody put by hand is not ours to replace
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
  // not with AWSCURRENT: only a move fails if a successor was promoted meanwhile
  await record.put(id, placeholder, [labels.retired(id, now(run))]);
  await record.move('AWSCURRENT', current.id, id);
  // a repeated put changes nothing, so its label may be an older one
  await record.refresh();
};

/** Announces the end of a retired target: all its credentials are dead. Records that. */
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
