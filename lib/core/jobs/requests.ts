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
  /** What is impossible is written down nevertheless: the worker refuses it, with an event. */
  readonly toBeRefused?: boolean | undefined;
}

type Request = (record: SecretRecord, context: Context) => Promise<void>;

/**
 * Writes a request down, on the version it is about; `reconcile` then acts on it, and announces
 * under `correlationId` what came of it. Throws `secret-missing`, and `no-rollback` if there is
 * nothing to roll back to, unless the worker is to say so.
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

/** A request ends the back-off from a failure before it, also from one of the same second. */
const afterFailure = (now: Date, { backoff }: Version): Date =>
  backoff ? latest(now, plus(backoff.at, SECOND)) : now;

/**
 * One label for all of them: whatever was issued until now. A repeat renews it, and the work with
 * it; what it waits for is told once more, and what was confirmed stays so.
 */
const compromise =
  (confirmed: boolean): Request =>
  async (record, { now, correlationId }) => {
    const { current, versions } = record.ledger;
    const on = current ?? versions.find(({ credential }) => credential);
    if (!on) return;
    // by whichever clock it was issued
    const issued = versions.flatMap(({ credential }) => (credential ? [credential.issuedAt] : []));
    const at = latest(afterFailure(now, on), ...issued.filter((time) => time <= plus(now, SKEW)));
    await makeRoom(record, 1);
    const { first, confirmation: before } = on.reported ?? {};
    const confirmation = confirmed ? at : typeof before === 'string' ? 'awaited-untold' : before;
    const label = labels.compromised(on.id, { at, first, correlationId, confirmation });
    await record.replace(labelsOf(on, 'compromised'), label, on.id);
  };

/** How far apart two clocks of AWS may be. */
const SKEW = 60 * SECOND;

/**
 * A request must not wait for want of a label: settled ones go first. Rekey's own: whoever writes
 * requests down may move no other.
 */
async function makeRoom(record: SecretRecord, wanted: number): Promise<void> {
  for (const version of record.ledger.versions) {
    for (const label of settled(record.ledger, version).filter(isOwn))
      if (record.ledger.free < wanted) await record.remove(label, version.id);
  }
}

/** Stands for the version to roll back to where there is none. */
const NOWHERE = 'none';

const rollback: Request = async (record, { target, now, correlationId, toBeRefused }) => {
  const { current, pending } = record.ledger;
  const candidate = current && !pending ? rollbackCandidate(target, record.ledger, now) : undefined;
  if (!current || (!candidate && !current.rollback && !toBeRefused)) {
    const why = pending
      ? 'a rotation is under way; wait until it is through'
      : 'no earlier version can come back: each is dead, reported compromised, or less than 5 minutes from its end';
    throw new RekeyError('no-rollback', `${target.name}: ${why}`);
  }
  await makeRoom(record, 1);
  // a repeat is a request of its own: the one before it may be given up at this moment
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
