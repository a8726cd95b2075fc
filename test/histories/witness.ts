import type { Target } from '../../lib/core/fleet/index.ts';
import { type Ledger, superseded, type Version } from '../../lib/core/ledger.ts';
import { plus } from '../../lib/core/time.ts';
import { hashed, type World } from './world.ts';

/** An invariant that did not hold. */
export class Violation extends Error {}

export type Witness = ReturnType<typeof createWitness>;

/** What is known of one target by having looked at it. */
export interface Seen {
  current: string | undefined;
  /** When a version was superseded, or a little earlier. */
  readonly supersededAt: Map<string, Date>;
  /** Versions that rekey made current, and that held a credential then. */
  readonly promoted: Set<string>;
  /** Version ids by the id of the credential that was stored in them. */
  readonly stored: Map<string, string>;
  /** Versions whose labels a person moved: what rekey cannot know of them it is not held to. */
  readonly tampered: Set<string>;
  /** Versions that a person superseded: rekey has to give them a time first. */
  readonly left: Set<string>;
  readonly labels: Set<string>;
  readonly versions: Set<string>;
}

/**
 * The model: looks at store and vendor after everything that happens, keeps its own record of what was superseded when, and
 * throws what must not be at any time. Of rekey it takes only the way labels are read.
 */
export function createWitness(world: World) {
  const { clock, strangers } = world;
  const seen = new Map<string, Seen>(
    world.entries.map(({ name }) => [
      name,
      {
        current: undefined,
        supersededAt: new Map(),
        promoted: new Set(),
        stored: new Map(),
        tampered: new Set(),
        left: new Set(),
        labels: new Set(),
        versions: new Set(),
      },
    ]),
  );
  /** Credentials that a person deleted at the vendor. */
  const killed = new Set<string>();
  const retired = new Set<string>();
  let states = world.states();
  let lookedAt = clock.now();

  const of = (name: string): Seen => {
    const found = seen.get(name);
    if (!found) throw new Error(`no target ${name}`);
    return found;
  };

  /** Until when a superseded version has to live, by what was seen. */
  function graceEnd(target: Target, { id, compromisedAt }: Version): Date | undefined {
    const known = of(target.name);
    const since = known.supersededAt.get(id);
    if (!since || known.tampered.has(id) || retired.has(target.name)) return undefined;
    return compromisedAt ? plus(compromisedAt, target.compromisedGrace) : plus(since, target.grace);
  }

  /** rekey ended a credential; might it? */
  function ended(target: Target, id: string, { versions }: Ledger): void {
    const { stored } = of(target.name);
    const version = versions.find((one) => one.credential?.id === id || (one.current && stored.get(id) === one.id));
    if (!version) return; // in no version: what a crash or a lost race left
    if (version.current) throw new Violation(`${target.name}: the credential of AWSCURRENT was revoked, version ${version.id}`);
    if (version.pending) throw new Violation(`${target.name}: the credential of AWSPENDING was revoked, version ${version.id}`);
    const early = graceEnd(target, version);
    if (early && clock.now() < early)
      throw new Violation(
        `${target.name}: version ${version.id} was revoked before ${early.toISOString()}, the end of its grace`,
      );
  }

  async function noteCurrent(target: Target, current: Version | undefined, byHand: boolean): Promise<void> {
    const known = of(target.name);
    if (current?.id === known.current) return;
    if (known.current) known.supersededAt.set(known.current, lookedAt);
    known.current = current?.id;
    if (byHand || !current?.credential) return;
    known.promoted.add(current.id);
    const password = (await world.login(target, current.id))?.password.reveal() ?? '';
    if (!world.accepted.has(hashed(password)))
      throw new Violation(`${target.name}: version ${current.id} was promoted, and the registry never accepted it`);
  }

  function standing(target: Target, { current, versions }: Ledger): void {
    const { tampered, left } = of(target.name);
    const timeless = versions
      .filter(superseded)
      .find(({ id, revokeAfter }) => !revokeAfter && !tampered.has(id) && !left.has(id));
    if (timeless) throw new Violation(`${target.name}: version ${timeless.id} is superseded, and never to be revoked`);
    const now = clock.now();
    const inGrace = versions
      .filter(superseded)
      .filter(({ disabledAt, compromisedAt, revokeAfter }) => !disabledAt && !compromisedAt && revokeAfter && revokeAfter > now);
    for (const { id, credential } of [...inGrace, ...(current ? [current] : [])]) {
      if (!credential || tampered.has(id) || killed.has(credential.id)) continue;
      if (credential.expiresAt && credential.expiresAt <= now) continue;
      const state = states.get(credential.id);
      if (state !== 'enabled')
        throw new Violation(`${target.name}: version ${id} is current or in its grace, and its credential is ${state}`);
    }
  }

  return {
    of,
    killed,
    retired,
    /** Throws a `Violation`. `byHand`: a person did it, rekey is not to blame for what is current. */
    async look(byHand = false): Promise<void> {
      const before = states;
      states = world.states();
      const ends = [...before].filter(
        ([id, was]) => was === 'enabled' && !['enabled', 'expired'].includes(states.get(id) ?? 'deleted'),
      );
      for (const id of strangers) {
        if (states.get(id) !== before.get(id) && !killed.has(id))
          throw new Violation(`a stranger’s credential is ${states.get(id)}`);
      }
      for (const entry of world.entries) {
        const target = world.target(entry);
        const ledger = await world.ledger(target);
        const known = of(entry.name);
        for (const [id] of ends) if (!killed.has(id)) ended(target, id, ledger);
        await noteCurrent(target, ledger.current, byHand);
        for (const { id, credential, labels } of ledger.versions) {
          known.versions.add(id);
          if (credential) known.stored.set(credential.id, id);
          for (const label of labels) known.labels.add(label);
        }
        standing(target, ledger);
      }
      lookedAt = clock.now();
    },
  };
}
