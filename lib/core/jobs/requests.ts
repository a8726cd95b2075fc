import { rollbackCandidate } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import type { InboundType } from '../events/index.ts';
import type { Target } from '../fleet/index.ts';
import { isOwn, labels, labelsOf, settled, type Version } from '../ledger/index.ts';
import { type SecretRecord, secretRecord } from '../ledger/record.ts';
import type { Clock, SecretStore } from '../ports.ts';
import { latest, plus, SECOND } from '../time.ts';

interface Context {
  readonly target: Target;
  readonly now: Date;
  readonly correlationId?: string | undefined;
  /** An impossible request is recorded too: the worker refuses it, with an event. */
  readonly toBeRefused?: boolean | undefined;
}

type Request = (record: SecretRecord, context: Context) => Promise<void>;

/**
 * Records a request on the version it is about; `reconcile` acts on it, and announces the result
 * under `correlationId`. Throws `secret-missing`, and `no-rollback` if there is nothing to roll
 * back to, unless `toBeRefused` leaves that to the worker.
 */
export async function request(
  store: SecretStore,
  clock: Clock,
  type: InboundType,
  target: Target,
  correlationId?: string,
  { toBeRefused }: Pick<Context, 'toBeRefused'> = {},
): Promise<void> {
  const record = secretRecord(store, target.secret);
  await record.refresh();
  await requests[type](record, { target, now: clock.now(), correlationId, toBeRefused });
}

const rotation: Request = async (record, { now, correlationId }) => {
  const { current } = record.ledger;
  // an empty secret gets its first credential anyway
  if (!current) return;
  const { requested, backoff } = current;
  if (requested && !(backoff && backoff.at >= requested.at)) return;
  await makeRoom(record, 1);
  const at = afterFailure(now, current);
  await record.replace(
    labelsOf(current, 'requested'),
    labels.requested(current.id, at, correlationId),
    current.id,
  );
};

/** A request ends the backoff of a failure before it, even of one in the same second. */
const afterFailure = (now: Date, { backoff }: Version): Date =>
  backoff ? latest(now, plus(backoff.at, SECOND)) : now;

/**
 * One label covers every credential that was issued until now. A repeat renews the label and the
 * work: the requester is notified once more about a wait, and a confirmation stays.
 */
const compromise =
  (confirmed: boolean): Request =>
  async (record, { now, correlationId }) => {
    const { current, versions } = record.ledger;
    const on = current ?? versions.find(({ credential }) => credential);
    if (!on) return;
    // a credential may have been issued by a faster clock
    const issued = versions.flatMap(({ credential }) => (credential ? [credential.issuedAt] : []));
    const at = latest(afterFailure(now, on), ...issued.filter((time) => time <= plus(now, SKEW)));
    await makeRoom(record, 1);
    const { first, confirmation: before } = on.reported ?? {};
    const confirmation = confirmed ? at : typeof before === 'string' ? 'awaited-untold' : before;
    const label = labels.compromised(on.id, { at, first, correlationId, confirmation });
    await record.replace(labelsOf(on, 'compromised'), label, on.id);
  };

/** Milliseconds. The largest difference between two clocks of AWS. */
const SKEW = 60 * SECOND;

/**
 * Frees labels for a request by removing obsolete ones. Only rekey's own: the role that records
 * requests may not move any other label.
 */
async function makeRoom(record: SecretRecord, wanted: number): Promise<void> {
  for (const version of record.ledger.versions) {
    for (const label of settled(record.ledger, version).filter(isOwn))
      if (record.ledger.free < wanted) await record.remove(label, version.id);
  }
}

/** Replaces the id of the version to roll back to if there is none. */
const NOWHERE = 'none';

const rollback: Request = async (record, { target, now, correlationId, toBeRefused }) => {
  const { current, pending } = record.ledger;
  const candidate = current && !pending ? rollbackCandidate(target, record.ledger, now) : undefined;
  if (!current || (!candidate && !current.rollback && !toBeRefused)) {
    const why = pending
      ? 'a rotation is in progress; wait until it is done'
      : 'no earlier version can come back: each is dead, reported as compromised, ' +
        'or less than 5 minutes from its end';
    throw new RekeyError('no-rollback', `${target.name}: ${why}`);
  }
  await makeRoom(record, 1);
  // a repeat is a request of its own: the previous one may be given up at this moment
  const before = current.rollback;
  const at = before ? latest(now, plus(before.at, SECOND)) : now;
  const label = labels.rollback(
    current.id,
    at,
    before?.to ?? candidate?.id ?? NOWHERE,
    correlationId,
  );
  await record.replace(labelsOf(current, 'rollback'), label, current.id);
};

const requests: Readonly<Record<InboundType, Request>> = {
  'Rotation Requested': rotation,
  'Credential Compromised': compromise(false),
  'Compromise Confirmed': compromise(true),
  'Rollback Requested': rollback,
};
