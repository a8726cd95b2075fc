import type { Journal, Told } from './journal.ts';
import { Violation } from './violation.ts';
import type { Witness } from './witness.ts';
import type { World } from './world.ts';

interface Entry {
  state: 'alive' | 'dead' | 'unknown';
  readonly expiresAt?: Date | undefined;
}

const alive = ['Credential Rotated', 'Rolled Back', 'Credential Restored'];
const dead = ['Credential Revoked', 'Credential Expired', 'Credential Deleted', 'Orphan Revoked'];

/** What somebody who sees nothing but events takes to be alive, by credential id. */
export function book(events: readonly Told[]): ReadonlyMap<string, Entry> {
  const seen = new Set<string>();
  const entries = new Map<string, Entry>();
  for (const { id, type, data } of [...events].sort((a, b) => Number(a.at) - Number(b.at))) {
    const credential = data.credentialId;
    if (seen.has(id) || typeof credential !== 'string') continue;
    seen.add(id);
    const told = typeof data.expiresAt === 'string' ? new Date(data.expiresAt) : undefined;
    const expiresAt = told ?? entries.get(credential)?.expiresAt;
    if (alive.includes(type)) entries.set(credential, { state: 'alive', expiresAt });
    if (dead.includes(type)) entries.set(credential, { state: 'dead' });
    if (type === 'Revocation Abandoned') entries.set(credential, { state: 'unknown' });
  }
  return entries;
}

/**
 * At rest the book agrees with the vendor: nothing is alive that it does not name, and what it says
 * is so.
 */
export function agrees(
  world: World,
  witness: Witness,
  journal: Journal,
  { crashed }: { readonly crashed: boolean },
): void {
  const entries = book(journal.all());
  const states = world.states();
  const now = world.clock.now();
  const listed = world.provider.find !== undefined;
  const findable = new Set(world.findable().map(({ id }) => id));
  // who dies between the provider's answer and the store cannot say what it was given; where nobody
  // lists, only its expiry ends that
  const lost = crashed || journal.all().some(({ data }) => data.mayBeAlive !== undefined);
  for (const [credential, state] of states) {
    if (notOurs(world, witness, credential)) continue;
    const entry = entries.get(credential);
    if (state === 'enabled' && entry?.state === 'dead')
      throw new Violation(`the events say that credential ${credential} is dead, and it is alive`);
    if (state === 'enabled' && !entry && findable.has(credential) && (listed || !lost))
      throw new Violation(`credential ${credential} is alive, and no event names it`);
  }
  for (const [credential, { state, expiresAt }] of entries) {
    const over = expiresAt !== undefined && expiresAt <= now;
    if (state !== 'alive' || over || notOurs(world, witness, credential)) continue;
    const is = states.get(credential) ?? 'deleted';
    if (is !== 'enabled')
      throw new Violation(`the events say that credential ${credential} is alive, and it is ${is}`);
  }
}

/** Somebody else's, or a person had a hand in it. */
function notOurs(
  { removed, lookAlikes, entries }: World,
  witness: Witness,
  credential: string,
): boolean {
  if (removed.includes(credential) || lookAlikes.has(credential) || witness.killed.has(credential))
    return true;
  return entries.some(({ name }) => {
    const { stored, tampered } = witness.of(name);
    const version = stored.get(credential);
    return version !== undefined && tampered.has(version);
  });
}
