import { hasCode, RekeyError } from '../errors.ts';
import { successor } from '../ids/label.ts';
import { type CandidateNote, labels } from '../ledger/index.ts';
import { formatValue } from '../ledger/value.ts';
import type { Credential, ProviderCall } from '../provider.ts';
import { candidacy } from './candidacy.ts';
import type { Issued } from './issue.ts';
import { attemptOf } from './own-orphans.ts';
import { now, type Run } from './run.ts';

type Call = ProviderCall<unknown, unknown>;

/** A candidate to store. */
interface NewCandidate extends Issued {
  readonly version: string;
  /** Id of the version that the candidate is to supersede. */
  readonly base: string;
  /** The start of its candidacy. */
  readonly since: Date;
  /** True if Secrets Manager drives the rotation: it has put AWSPENDING on the version. */
  readonly staged: boolean;
}

/*
 *   the write        the version                         the credential
 *   stored           a candidate                         goes on
 *   stored twice     a candidate of two workers          goes on, unless the other one moved it on
 *   lost             has another worker's credential     revoked, unless a version has it
 *   failed           may be stored, after `aws-failed`   left to the next run
 *   refused          not stored                          revoked, unless it can be read again
 */

/** Stores a credential as a candidate. Throws `lost-race` if another worker was first. */
export async function store(run: Run, call: Call, created: NewCandidate): Promise<CandidateNote> {
  const { version, credential } = created;
  const { readAgain } = run.provider.capabilities;
  const candidate = candidacy('rotation', created.base, version, created.since);
  const stages = [
    ...(created.staged ? ['AWSPENDING'] : []),
    labels.candidate(version, candidate),
    labels.credential(version, created.note),
  ];
  const result = await put(run, call, version, credential, stages);
  if (result === 'stored' && !readAgain) return candidate;
  await run.record.refresh();
  // another worker may have received the same credential: then the labels that it stored count
  if (result === 'stored' && isCandidate(run, version)) return candidate;
  await takeBack(run, call, version, credential);
  throw new RekeyError('lost-race', `another worker stored a successor in ${run.record.name}`);
}

/** Resolves to `exists` if the version has another value. */
async function put(
  run: Run,
  call: Call,
  version: string,
  credential: Credential,
  stages: readonly string[],
): Promise<'stored' | 'exists'> {
  const { record, target, provider, rotationToken } = run;
  const value = formatValue(credential, target.format);
  try {
    return await record.put(version, value, stages, rotationToken);
  } catch (error) {
    if (!hasCode(error, 'aws-failed') && !provider.capabilities.readAgain)
      await provider.revoke?.(call, credential);
    throw error;
  }
}

const isCandidate = ({ record }: Run, version: string): boolean =>
  record.ledger.versions.some(
    ({ id, candidate, current }) => id === version && candidate !== undefined && !current,
  );

/** Revokes the credential of a lost race, unless the other worker received the same one. */
async function takeBack(
  run: Run,
  call: Call,
  version: string,
  credential: Credential,
): Promise<void> {
  const { record, provider } = run;
  const { versions } = record.ledger;
  if (!versions.some((known) => known.credential?.id === credential.id))
    await provider.revoke?.(call, credential);
  // an attempt used the id up, and its label was removed since: without a label, the next attempt
  // would choose this id again
  const found = versions.find((known) => known.id === version);
  if (!found || (!found.credential && !found.used && !found.current)) {
    const last = await lastTaken(run, version);
    await record.attach(labels.used(last.id, now(run), last.attempt), last.id);
  }
}

/**
 * The last of the attempts from this one on whose ids have a value and no label: after a rollback
 * there may be dozens. To find it, rekey reads versions: an attempt for each would issue and revoke
 * a credential.
 */
async function lastTaken(
  { engine, record, signal }: Run,
  version: string,
): Promise<{ readonly id: string; readonly attempt: number }> {
  const { arn, current, versions } = record.ledger;
  const from = attemptOf(record.ledger, version);
  if (from === undefined || !current) return { id: version, attempt: 0 };
  const labeled = new Set(versions.map(({ id }) => id));
  const idOf = (attempt: number) => successor(arn, current.id, attempt);
  const taken = async (attempt: number) =>
    !labeled.has(idOf(attempt)) &&
    (await engine.store.read(record.name, idOf(attempt), signal)) !== undefined;
  let attempt = from;
  let step = 1;
  for (; await taken(attempt + step); step *= 2) attempt += step;
  for (; step >= 1; step /= 2) if (await taken(attempt + step)) attempt += step;
  return { id: idOf(attempt), attempt };
}
