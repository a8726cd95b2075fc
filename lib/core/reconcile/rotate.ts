import { hasCode, RekeyError } from '../errors.ts';
import { formatLabel, successors } from '../label.ts';
import { type CredentialNote, type Ledger, labels, labelsOf } from '../ledger.ts';
import type { Credential, ProviderCall } from '../ports.ts';
import { DAY, plus } from '../time.ts';
import { uuidv5 } from '../uuid.ts';
import { formatValue } from '../value.ts';
import { burn, placeholder, revokeLeftovers } from './leftovers.ts';
import { promote } from './promote.ts';
import { now, providerCall, type Run, type Transition } from './run.ts';

type Call = ProviderCall<unknown, unknown>;

/**
 * Issues the successor of the current version, stores it as AWSPENDING, and promotes it. The version id is derived
 * before the provider is called and is part of the label there, so a crash anywhere is picked up by the next run.
 */
export const rotate: Transition = async (run, { reason }) => {
  run.stage = 'prepare';
  const base = await open(run);
  const version = nextVersion(run.record.ledger, base);
  if (run.target.driver === 'secrets-manager') return ask(run, base, version);
  await promote(run, version, await createCandidate(run, version, reason));
};

/** Issues a credential for this version, and stores it there as AWSPENDING. */
export async function createCandidate(run: Run, version: string, reason: string): Promise<Credential> {
  const { target } = run;
  run.stage = 'prepare';
  await open(run);
  const call = await providerCall(run);
  await revokeLeftovers(run, call, version);
  const issuedAt = now(run);
  const credential = await issue(run, call, version);
  run.stage = 'store';
  const { id, expiresAt } = credential;
  const note: CredentialNote = { id, issuedAt, spec: target.spec, reason, ...(expiresAt && { expiresAt }) };
  await store(run, call, version, credential, note);
  return credential;
}

/** Id of the current version. The first of a secret becomes AWSCURRENT whatever its labels say; a candidate must not be the first. */
async function open({ record }: Run): Promise<string> {
  if (record.ledger.current) return record.ledger.current.id;
  const id = uuidv5(['opening', record.ledger.arn]);
  await record.put(id, placeholder, ['AWSCURRENT']);
  return id;
}

/** Secrets Manager is to call for the steps of the rotation. That it was asked is written down first: a crash asks again, later. */
async function ask(run: Run, base: string, version: string): Promise<void> {
  const { record } = run;
  const asked = record.ledger.current ? labelsOf(record.ledger.current, 'asked') : [];
  await record.replace(asked, labels.asked(base, now(run)), base);
  await record.ask(version);
}

/** The first derived id that no labelled version bears; each failure in a row uses one up. */
function nextVersion(ledger: Ledger, base: string): string {
  const labelled = new Set(ledger.versions.map(({ id }) => id));
  const next = [...successors(ledger.arn, base, ledger.current?.backoff?.failures)].find((id) => !labelled.has(id));
  if (!next)
    throw new RekeyError('label-limit', `${ledger.name}: too many attempts to supersede its current version are used up`);
  return next;
}

async function issue(run: Run, call: Call, version: string): Promise<Credential> {
  const { target, provider, record } = run;
  run.stage = 'issue';
  const { interval, grace, soak } = target;
  const expiresAt = provider.capabilities.expiry ? plus(now(run), interval + 2 * grace + soak + DAY) : undefined;
  try {
    // what was issued for other parameters may have other rights than are wanted now
    const current = record.ledger.current?.credential;
    const predecessor = current?.spec === target.spec ? current.id : undefined;
    return await provider.issue(call, { label: formatLabel(target.fleet, record.ledger.arn, version), expiresAt, predecessor });
  } catch (error) {
    // the name belongs to a leftover that the list does not show yet: its id is used up, the next attempt has another
    if (hasCode(error, 'conflict')) await burn(run, version);
    throw error;
  }
}

/** Stores the candidate; what lost a race for its version, or cannot be stored at all, is revoked again. */
async function store(run: Run, call: Call, version: string, credential: Credential, note: CredentialNote): Promise<void> {
  const { record, target, provider } = run;
  const { readAgain } = provider.capabilities;
  const stages = ['AWSPENDING', labels.credential(version, note)];
  const result = await record
    .put(version, formatValue(credential, target.format), stages, run.rotationToken)
    .catch(async (error: unknown) => {
      // after `aws-failed` it may be stored all the same: the next run looks. What can be read again is given to it again
      if (!hasCode(error, 'aws-failed') && !readAgain) await provider.revoke?.(call, credential);
      throw error;
    });
  if (result === 'stored' && !readAgain) return;
  await record.refresh();
  const { current, pending, versions } = record.ledger;
  // another worker may have been given the same credential: then the labels that it stored count
  if (result === 'stored' && pending?.id === version && current?.id !== version) return;
  if (!versions.some((known) => known.credential?.id === credential.id)) await provider.revoke?.(call, credential);
  // used up by an attempt whose label was taken off since: without one, the next attempt would choose this id again
  if (!versions.some(({ id }) => id === version)) await record.attach(labels.burnt(version, now(run)), version);
  throw new RekeyError('lost-race', `another worker stored a successor in ${record.name}`);
}
