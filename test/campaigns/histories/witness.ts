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

/** Observations of one target. */
export interface Seen {
  current: string | undefined;
  /** When a version was superseded, or slightly earlier. */
  readonly supersededAt: Map<string, Date>;
  /** How often rekey made a version current that held a credential at that time. */
  readonly promoted: Map<string, number>;
  /** How often the credential of a version was ended, except by its expiry or by a person. */
  readonly ended: Map<string, number>;
  /** How often rekey enabled the credential of a version again. */
  readonly restored: Map<string, number>;
  /** Version ids, by the id of the stored credential. */
  readonly stored: Map<string, string>;
  /**
   * Versions whose labels a person moved. rekey is not blamed for what it cannot know about them.
   */
  readonly tampered: Set<string>;
  /** Versions that a person superseded. rekey must first set their time of revocation. */
  readonly left: Set<string>;
  readonly labels: Set<string>;
  readonly versions: Set<string>;
  /** When a person last removed a label. */
  editedAt?: Date;
  /** The version that the replica serves. */
  served?: string | undefined;
}

const count = (of: Map<string, number>, version: string | undefined): void =>
  void (version && of.set(version, (of.get(version) ?? 0) + 1));

/**
 * The model. It inspects store and vendor after every happening, keeps its own record of superseded
 * versions, and throws a violation of an invariant that holds at any time. Its only dependency on
 * rekey is the reading of labels.
 */
export function createWitness(world: World, looked: () => Promise<void>) {
  const { clock, foreign } = world;
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
  /** Credentials that were reported as compromised. */
  const compromised = new Set<string>();
  const retired = new Set<string>();
  let states = world.states();
  let lookedAt = clock.now();

  const of = (name: string): Seen => {
    const found = seen.get(name);
    if (!found) throw new Error(`no target ${name}`);
    return found;
  };

  /** Observed end of the grace of a superseded version. */
  function graceEnd(target: Target, { id, compromisedAt }: Version): Date | undefined {
    const known = of(target.name);
    const since = known.supersededAt.get(id);
    if (!since || known.tampered.has(id) || retired.has(target.name)) return undefined;
    return compromisedAt ? plus(compromisedAt, target.compromisedGrace) : plus(since, target.grace);
  }

  /** Checks whether rekey was allowed to end a credential. */
  function ended(target: Target, id: string, { versions }: Ledger): void {
    const { stored, served } = of(target.name);
    count(of(target.name).ended, stored.get(id));
    const version = versions.find(
      (one) => one.credential?.id === id || (one.current && stored.get(id) === one.id),
    );
    if (!version) return; // in no version: an orphan of a crash or of a lost race
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
        [
          `${target.name}: version ${version.id} was revoked before ${early.toISOString()}, the`,
          'end of its grace',
        ].join(' '),
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
        `${target.name}: version ${timeless.id} is superseded, and has no time of revocation`,
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
          [
            `${target.name}: version ${id} is current or in its grace, and its credential is`,
            `${state}`,
          ].join(' '),
        );
    }
  }

  /** A replica in sync serves the current version. */
  async function replicas(target: Target, current: string | undefined): Promise<void> {
    const { replicas: followers } = await world.snapshot(target);
    if (followers?.every(({ inSync }) => inSync)) of(target.name).served = current;
  }

  return {
    of,
    killed,
    compromised,
    retired,
    /** Called after time has passed: replicas may have followed. */
    async glance(): Promise<void> {
      for (const entry of world.entries)
        await replicas(world.target(entry), of(entry.name).current);
    },
    /**
     * Throws a `Violation`. `byHand`: a person acted, so rekey is not to blame for the current
     * version.
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
      for (const id of foreign) {
        if (before.has(id) && states.get(id) !== before.get(id) && !killed.has(id))
          throw new Violation(`a foreign credential is ${states.get(id)}`);
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
