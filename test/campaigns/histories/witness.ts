import type { Target } from '../../../lib/core/fleet/index.ts';
import {
  type Ledger,
  superseded,
  type Version,
  wasPromoted,
} from '../../../lib/core/ledger/index.ts';
import { plus, SECOND } from '../../../lib/core/time.ts';
import { Violation } from './violation.ts';
import { hashed, type World } from './world.ts';

export type Witness = ReturnType<typeof createWitness>;

/** What is known of one target by having looked at it. */
export interface Seen {
  current: string | undefined;
  /** When a version was superseded, or a little earlier. */
  readonly supersededAt: Map<string, Date>;
  /** How often rekey made a version current that held a credential then. */
  readonly promoted: Map<string, number>;
  /** How often the credential of a version was ended, other than by its expiry or by a person. */
  readonly ended: Map<string, number>;
  /** How often rekey enabled the credential of a version again. */
  readonly restored: Map<string, number>;
  /** Version ids by the id of the credential that was stored in them. */
  readonly stored: Map<string, string>;
  /** Versions whose labels a person moved: what rekey cannot know of them it is not held to. */
  readonly tampered: Set<string>;
  /** Versions that a person superseded: rekey has to give them a time first. */
  readonly left: Set<string>;
  readonly labels: Set<string>;
  readonly versions: Set<string>;
  /** When a person last took a label off. */
  editedAt?: Date;
  /** What its replica serves. */
  served?: string | undefined;
}

const count = (of: Map<string, number>, version: string | undefined): void =>
  void (version && of.set(version, (of.get(version) ?? 0) + 1));

/**
 * The model: looks at store and vendor after everything that happens, keeps its own record of what
 * was superseded when, and throws what must not be at any time. Of rekey it takes only the way
 * labels are read.
 */
export function createWitness(world: World, looked: () => Promise<void>) {
  const { clock, removed } = world;
  const seen = new Map<string, Seen>(
    world.entries.map(({ name }) => [
      name,
      {
        current: undefined,
        supersededAt: new Map(),
        promoted: new Map(),
        ended: new Map(),
        restored: new Map(),
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
  /** Credentials that were reported compromised. */
  const compromised = new Set<string>();
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
    const { stored, served } = of(target.name);
    count(of(target.name).ended, stored.get(id));
    const version = versions.find(
      (one) => one.credential?.id === id || (one.current && stored.get(id) === one.id),
    );
    if (!version) return; // in no version: what a crash or a lost race left
    if (version.current)
      throw new Violation(
        `${target.name}: the credential of AWSCURRENT was revoked, version ${version.id}`,
      );
    if (version.pending && !wasPromoted(version))
      throw new Violation(
        `${target.name}: the credential of a candidate was revoked, version ${version.id}`,
      );
    if (
      version.id === served &&
      !compromised.has(id) &&
      !retired.has(target.name) &&
      !of(target.name).tampered.has(version.id)
    )
      throw new Violation(
        `${target.name}: version ${version.id} was revoked while a replica still serves it`,
      );
    const early = graceEnd(target, version);
    if (early && clock.now() < early)
      throw new Violation(
        `${target.name}: version ${version.id} was revoked before ${early.toISOString()}, the end of its grace`,
      );
  }

  async function noteCurrent(
    target: Target,
    current: Version | undefined,
    byHand: boolean,
  ): Promise<void> {
    const known = of(target.name);
    if (current?.id === known.current) return;
    if (known.current) known.supersededAt.set(known.current, lookedAt);
    known.current = current?.id;
    if (byHand || !current?.credential) return;
    count(known.promoted, current.id);
    const password = (await world.login(target, current.id))?.password.reveal() ?? '';
    if (!world.accepted.has(hashed(password)))
      throw new Violation(
        `${target.name}: version ${current.id} was promoted, and the registry never accepted it`,
      );
  }

  function standing(target: Target, { current, versions }: Ledger): void {
    const { tampered, left } = of(target.name);
    const timeless = versions
      .filter(superseded)
      .find(({ id, revokeAfter }) => !revokeAfter && !tampered.has(id) && !left.has(id));
    if (timeless)
      throw new Violation(
        `${target.name}: version ${timeless.id} is superseded, and never to be revoked`,
      );
    const now = clock.now();
    const inGrace = versions
      .filter(superseded)
      // a label has whole seconds, rounded up
      .filter(({ revokeAfter }) => revokeAfter && revokeAfter > plus(now, SECOND))
      .filter(({ disabledAt, compromisedAt }) => !disabledAt && !compromisedAt);
    for (const { id, credential } of [...inGrace, ...(current ? [current] : [])]) {
      if (!credential || tampered.has(id) || killed.has(credential.id)) continue;
      if (credential.expiresAt && credential.expiresAt <= now) continue;
      const state = states.get(credential.id);
      if (state !== 'enabled')
        throw new Violation(
          `${target.name}: version ${id} is current or in its grace, and its credential is ${state}`,
        );
    }
  }

  /** A replica that is in sync serves what is current. */
  async function replicas(target: Target, current: string | undefined): Promise<void> {
    const { replicas: followers } = await world.snapshot(target);
    if (followers?.every(({ inSync }) => inSync)) of(target.name).served = current;
  }

  return {
    of,
    killed,
    compromised,
    retired,
    /** Time has passed: replicas may have followed. */
    async glance(): Promise<void> {
      for (const entry of world.entries)
        await replicas(world.target(entry), of(entry.name).current);
    },
    /**
     * Throws a `Violation`. `byHand`: a person did it, rekey is not to blame for what is current.
     */
    async look(byHand = false): Promise<void> {
      const before = states;
      states = world.states();
      const ends = [...before].filter(
        ([id, was]) =>
          was === 'enabled' && !['enabled', 'expired'].includes(states.get(id) ?? 'deleted'),
      );
      const back = [...before].filter(
        ([id, was]) => was === 'disabled' && states.get(id) === 'enabled',
      );
      for (const id of removed) {
        if (before.has(id) && states.get(id) !== before.get(id) && !killed.has(id))
          throw new Violation(`a stranger’s credential is ${states.get(id)}`);
      }
      for (const entry of world.entries) {
        const target = world.target(entry);
        const ledger = await world.ledger(target);
        const known = of(entry.name);
        for (const [id] of ends) if (!killed.has(id)) ended(target, id, ledger);
        for (const [id] of back) count(known.restored, known.stored.get(id));
        await noteCurrent(target, ledger.current, byHand);
        for (const { id, credential, labels } of ledger.versions) {
          known.versions.add(id);
          if (credential) known.stored.set(credential.id, id);
          for (const label of labels) known.labels.add(label);
        }
        standing(target, ledger);
        await replicas(target, ledger.current?.id);
      }
      lookedAt = clock.now();
      await looked();
    },
  };
}
