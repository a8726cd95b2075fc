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
 * The value of a version that holds no credential: the first version of an empty secret, and
 * used-up ids.
 */
export const placeholder = new Secret('{"rekey":"no credential was issued for this version"}');

/**
 * Most orphans that one rotation revokes, so that any number of them cannot slow it down. The
 * orphan scan revokes the rest.
 */
const AT_ONCE = 5;

/**
 * Milliseconds. Twice the longest run of a worker: no worker can still be storing an older
 * credential.
 */
export const SAFETY_AGE = 20 * MINUTE;

/**
 * Revokes the orphans under the label of this secret: credentials that no version knows, left alive
 * by crashed attempts and lost races. No orphan blocks a rotation: the orphan scan gets those that
 * cannot be revoked now. If the provider can return a password again, the orphan for the version
 * `next` is kept, unless it was reported: `issue` will return it. Resolves to the version ids under
 * whose label a credential is still alive.
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
  let handled = 0;
  for (const found of all) {
    const version = labeledVersion(found.label, prefix);
    if (!version || isKnown(record.ledger, found) || inUse(record.ledger, version)) continue;
    if (provider.capabilities.readAgain && version === next && !reported(record.ledger, found))
      continue;
    alive.add(version);
    if (handled === AT_ONCE || !(await claim(run, found, version))) continue;
    handled += 1;
    if (await endOrphan(run, call, found)) alive.delete(version);
    const claimed = record.ledger.versions.find(({ id }) => id === version);
    if (claimed && !alive.has(version)) await unclaim(run, claimed);
  }
  return alive;
}

/**
 * True if the last report of compromise covers it, as it covers everything issued until then. The
 * comparison is to the second: credentials that other workers have issued since must be kept, or no
 * worker would ever finish.
 */
const reported = ({ reportedAt }: Ledger, { issuedAt }: FoundCredential): boolean =>
  reportedAt !== undefined && (!issuedAt || issuedAt <= reportedAt);

const isKnown = ({ versions }: Ledger, { id }: { readonly id: string }): boolean =>
  versions.some(({ credential }) => credential?.id === id);

/**
 * Makes sure that no worker can store the credential: its id is used up, or it is older than any
 * worker. The label holds the credential's id until its end is announced. False if another worker
 * may be storing it at a distant attempt: it is left alone.
 */
async function claim(run: Run, found: FoundCredential, version: string): Promise<boolean> {
  const { record, target } = run;
  if (record.ledger.versions.some(({ id }) => id === version)) return true;
  const attempt = attemptOf(record.ledger, version);
  const room = record.ledger.free > labelsNeeded(target, record.ledger);
  // without an age from the provider, the orphan scan would never find it
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

/** Revokes an orphan that a worker claimed before it died, without an announcement. */
async function endClaimed(
  run: Run,
  call: ProviderCall<unknown, unknown>,
  version: Version,
): Promise<void> {
  const { orphan } = version.used ?? {};
  if (orphan && (await endOrphan(run, call, { id: orphan }))) await unclaim(run, version);
}

/**
 * Revokes an orphan, and announces that afterwards. False if the provider refused: it is left to
 * the orphan scan.
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
 * True for the current version if its `credential` label was removed by a person: consumers use the
 * credential that was issued for it.
 */
export const inUse = ({ current }: Ledger, version: string): boolean =>
  current?.id === version && !current.credential;

/** Attempts to compare with an id: more than there can be workers with different views. */
const ATTEMPTS = 1000;

/** The attempt to supersede the current version that has this id; `undefined` if none has. */
export function attemptOf({ arn, current }: Ledger, version: string): number | undefined {
  for (let attempt = 0; current && attempt < ATTEMPTS; attempt++) {
    if (successor(arn, current.id, attempt) === version) return attempt;
  }
  return undefined;
}

/**
 * The id of the next attempt: the first that no labeled version has, and under whose label nothing
 * is alive at the provider. Throws `conflict` if every id is taken.
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
    `${ledger.name}: every version id for its next rotation is taken`,
  );
}

/**
 * Uses up a version id, so that no credential can be stored under it. If the worker that issued a
 * credential for it still runs, that worker revokes the credential itself. False if a value is
 * already stored there.
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
