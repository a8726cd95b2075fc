import { rollbackCandidate } from './decide/index.ts';
import { RekeyError } from './errors.ts';
import type { InboundType } from './events/index.ts';
import type { Target } from './fleet/index.ts';
import { labels, labelsOf, settled } from './ledger.ts';
import type { Clock, SecretStore } from './ports.ts';
import { type SecretRecord, secretRecord } from './reconcile/record.ts';

type Request = (record: SecretRecord, target: Target, now: Date) => Promise<void>;

/**
 * Writes a request down, on the versions it is about; `reconcile` then acts on it. A repeat changes nothing. Throws
 * `secret-missing`, and `no-rollback` if there is nothing to roll back to.
 */
export async function request(store: SecretStore, clock: Clock, type: InboundType, target: Target): Promise<void> {
  const record = secretRecord(store, target.secret);
  await record.refresh();
  await requests[type](record, target, clock.now());
}

const rotation: Request = async (record, _target, now) => {
  const { current } = record.ledger;
  // an empty secret gets its first credential anyway
  if (!current) return;
  const { requestedAt, backoff } = current;
  if (requestedAt && !(backoff && backoff.at >= requestedAt)) return;
  await record.replace(labelsOf(current, 'requested'), labels.requested(current.id, now), current.id);
};

const compromise: Request = async (record, _target, now) => {
  // what is disabled or discarded is dead already, or about to be
  const leaked = record.ledger.versions.filter(
    ({ credential, disabledAt, discarded, compromisedAt }) => credential && !disabledAt && !discarded && !compromisedAt,
  );
  await makeRoom(record, leaked.length);
  for (const { id } of leaked) await record.attach(labels.compromised(id, now), id);
};

/** A compromise must not wait for want of a label: settled ones go first. */
async function makeRoom(record: SecretRecord, wanted: number): Promise<void> {
  for (const version of record.ledger.versions) {
    for (const label of settled(version)) if (record.ledger.free < wanted) await record.remove(label, version.id);
  }
}

const rollback: Request = async (record, target, now) => {
  const { current, pending, started } = record.ledger;
  if (current?.rollback) return;
  if (pending || started)
    throw new RekeyError('no-rollback', `${target.name}: a rotation is under way; wait until it is through`);
  const candidate = current && rollbackCandidate(target, record.ledger, now);
  if (!candidate) {
    throw new RekeyError(
      'no-rollback',
      `${target.name}: no version before the current one is alive, not compromised, and at least 5 minutes from its end`,
    );
  }
  await record.attach(labels.rollback(current.id, now, candidate.id), current.id);
};

const requests: Readonly<Record<InboundType, Request>> = {
  'Rotation Requested': rotation,
  'Credential Compromised': compromise,
  'Rollback Requested': rollback,
};
