import { labelsNeeded } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import { labeledVersion, labelPrefix, successor } from '../ids/label.ts';
import { type Ledger, labels, labelsOf, lastDiscarded, type Version } from '../ledger/index.ts';
import type { FoundCredential, ProviderCall } from '../provider.ts';
import { Secret } from '../secret.ts';
import { MINUTE } from '../time.ts';
import { publish } from './publish.ts';
import { now, type Run } from './run.ts';

/**
 * Stands in a version that holds no credential: the first of an empty secret, and ids that are used
 * up.
 */
export const placeholder = new Secret('{"rekey":"no credential was issued for this version"}');

/**
 * Leftovers that one rotation sees to; the look for orphans sees to the rest. It must not take
 * longer for whatever lies about.
 */
const AT_ONCE = 5;

/** Twice the longest run of a worker: nobody can be storing what is older. */
export const SAFETY_AGE = 20 * MINUTE;

/**
 * Revokes the credentials under this secret's label that no version knows: what crashed attempts,
 * or lost races, left alive. None of them stands in the way of a rotation: what cannot be revoked
 * stays for the look for orphans. Where a password can be read again, the one for the version
 * `next` is spared, unless it was reported: `issue` will give it back. Resolves to the version ids
 * under whose label something is still alive.
 */
export async function revokeOwnOrphans(
  run: Run,
  call: ProviderCall<unknown, unknown>,
  next?: string,
): Promise<ReadonlySet<string>> {
  const { provider, target, record } = run;
  const alive = new Set<string>();
  if (!provider.find) return alive;
  for (const version of record.ledger.versions) await endClaimed(run, call, version);
  const prefix = labelPrefix(target.fleet, record.ledger.arn);
  const all = await provider.find(call, { prefix });
  let seenTo = 0;
  for (const found of all) {
    const version = labeledVersion(found.label, prefix);
    if (!version || isKnown(record.ledger, found) || inUse(record.ledger, version)) continue;
    if (provider.capabilities.readAgain && version === next && !reported(record.ledger, found))
      continue;
    alive.add(version);
    if (seenTo === AT_ONCE || !(await claim(run, found, version))) continue;
    seenTo += 1;
    if (await endOrphan(run, call, found)) alive.delete(version);
    const claimed = record.ledger.versions.find(({ id }) => id === version);
    if (claimed && !alive.has(version)) await unclaim(run, claimed);
  }
  return alive;
}

/**
 * It is older than the last report of compromise, which means all that was issued until then. To
 * the second: what other workers have issued since must be spared, or none of them comes to an end.
 */
const reported = ({ reportedAt }: Ledger, { issuedAt }: FoundCredential): boolean =>
  reportedAt !== undefined && (!issuedAt || issuedAt <= reportedAt);

const isKnown = ({ versions }: Ledger, { id }: { readonly id: string }): boolean =>
  versions.some(({ credential }) => credential?.id === id);

/**
 * Makes sure that nobody can store the credential any more: its id is used up, or it is older than
 * any worker. Which credential that is stands in the label until its end is announced. False where
 * another worker may be storing it at an attempt far from ours: it is left.
 */
async function claim(run: Run, found: FoundCredential, version: string): Promise<boolean> {
  const { record, target } = run;
  if (record.ledger.versions.some(({ id }) => id === version)) return true;
  const attempt = attemptOf(record.ledger, version);
  const room = record.ledger.free > labelsNeeded(target, record.ledger);
  // where the provider does not tell its age, nobody else would ever find it
  if (!room || (attempt === undefined && found.issuedAt))
    return (
      found.issuedAt !== undefined && now(run).getTime() - found.issuedAt.getTime() >= SAFETY_AGE
    );
  if (await use(run, version, attempt ?? 0, found.id)) return true;
  await record.refresh();
  if (isKnown(record.ledger, found))
    throw new RekeyError('lost-race', `another worker stored a successor in ${record.name}`);
  return true;
}

/** What a worker claimed, and died before it was announced. */
async function endClaimed(
  run: Run,
  call: ProviderCall<unknown, unknown>,
  version: Version,
): Promise<void> {
  const { orphan } = version.used ?? {};
  if (orphan && (await endOrphan(run, call, { id: orphan }))) await unclaim(run, version);
}

/**
 * Revokes a leftover, and tells so afterwards. False if the provider would not: it is left to the
 * look for orphans.
 */
async function endOrphan(
  run: Run,
  call: ProviderCall<unknown, unknown>,
  found: { readonly id: string },
): Promise<boolean> {
  try {
    await run.provider.revoke?.(call, found);
    await publish(run, ['Orphan Revoked', found.id, { credentialId: found.id }]);
    return true;
  } catch (error) {
    if (error instanceof RekeyError && !run.signal.aborted) return false;
    throw error;
  }
}

async function unclaim({ record }: Run, version: Version): Promise<void> {
  const { used } = version;
  if (!used?.orphan) return;
  await record.replace(
    labelsOf(version, 'used'),
    labels.used(version.id, used.at, used.attempt),
    version.id,
  );
}

/**
 * AWSCURRENT whose `credential` label somebody took off: what was issued for it is what consumers
 * work with.
 */
export const inUse = ({ current }: Ledger, version: string): boolean =>
  current?.id === version && !current.credential;

/**
 * Attempts that are looked through for the one of an id: more than there can be workers with
 * different views.
 */
const ATTEMPTS = 1000;

/** The attempt to supersede the current version whose id this is. */
export function attemptOf({ arn, current }: Ledger, version: string): number | undefined {
  for (let attempt = 0; current && attempt < ATTEMPTS; attempt++) {
    if (successor(arn, current.id, attempt) === version) return attempt;
  }
  return undefined;
}

/**
 * The id of the next attempt: the first that no labelled version has, and under whose label nothing
 * is alive at the provider.
 */
export function nextVersion(
  ledger: Ledger,
  base: string,
  alive: ReadonlySet<string> = new Set(),
): string {
  const { arn, current, versions } = ledger;
  const discarded = lastDiscarded(versions, current);
  const tried = versions.flatMap(({ id, used }) => {
    const attempt = id === discarded?.id ? attemptOf(ledger, id) : used?.attempt;
    return attempt !== undefined && id === successor(arn, base, attempt) ? [attempt] : [];
  });
  const first = Math.max(current?.backoff?.failures ?? 0, ...tried.map((attempt) => attempt + 1));
  const taken = new Set([...versions.map(({ id }) => id), ...alive]);
  for (let attempt = first; attempt < first + ATTEMPTS; attempt++) {
    const id = successor(arn, base, attempt);
    if (!taken.has(id)) return id;
  }
  throw new RekeyError(
    'conflict',
    `${ledger.name}: all ids to supersede its current version are taken at the provider`,
  );
}

/**
 * Uses up a version id, so that nobody can store a credential under it any more: the worker that
 * issued it, should it still be running, then revokes it itself. False if a value is stored there
 * already.
 */
export async function use(
  run: Run,
  version: string,
  attempt: number,
  orphan?: string,
): Promise<boolean> {
  const { record } = run;
  return (
    (await record.put(version, placeholder, [labels.used(version, now(run), attempt, orphan)])) ===
    'stored'
  );
}
