import { successors } from '../../../lib/core/ids/label.ts';
import type { Ledger, Version } from '../../../lib/core/ledger/index.ts';
import { plus } from '../../../lib/core/time.ts';
import type { World } from './world.ts';

/** An invariant that did not hold. */
export class Violation extends Error {}

const live = (state: string | undefined): boolean => state === 'enabled' || state === 'disabled';

/** Each failure may use up an id, so it searches the ids of a few hundred attempts. */
const derivable = (arn: string, base: string, id: string): boolean =>
  Array.from({ length: 40 }, (_, index) => index * 20).some((failures) =>
    successors(arn, base, failures).has(id),
  );

export type Witness = ReturnType<typeof createWitness>;

/**
 * Inspects store and vendor after every call of a worker, keeps its own record of superseding
 * times, and throws a violation that may hold at no instant. Its only dependency on rekey is the
 * reading of labels.
 */
export function createWitness(world: World, retired: () => boolean) {
  const { clock, target } = world;
  /** Number of promotions, by version id. */
  const promotions = new Map<string, number>();
  /** Number of endings of a version's credential, by version id. */
  const endings = new Map<string, number>();
  const supersededAt = new Map<string, Date>();
  /** Version ids, by the id of the stored credential. */
  const stored = new Map<string, string>();
  const labels = new Set<string>();
  let states = world.states();
  let current: string | undefined;

  const count = (of: Map<string, number>, id: string) => void of.set(id, (of.get(id) ?? 0) + 1);

  /** Checks whether the vendor was allowed to end a credential. */
  function ended(id: string, before: string, { versions }: Ledger, missed: boolean): void {
    const version = versions.find(({ credential }) => credential?.id === id);
    const known = stored.get(id);
    if (before === 'enabled' && known) count(endings, known);
    if (!version) {
      if (known && !missed)
        throw new Violation(
          `a credential was ended after its label was taken off version ${known}`,
        );
      return; // in no version: an orphan of a crash
    }
    if (version.current)
      throw new Violation(`the credential of AWSCURRENT was revoked, version ${version.id}`);
    if (version.pending)
      throw new Violation(`the credential of a candidate was revoked, version ${version.id}`);
    const early = graceEnd(version);
    if (early && clock.now() < early)
      throw new Violation(
        `version ${version.id} was revoked before its grace was over, ${early.toISOString()}`,
      );
  }

  /**
   * The end of a superseded credential's grace, computed from the time at which it was seen
   * superseded.
   */
  function graceEnd({ id, compromisedAt }: Version): Date | undefined {
    const since = supersededAt.get(id);
    if (!since || retired()) return undefined;
    return compromisedAt ? plus(compromisedAt, target.compromisedGrace) : plus(since, target.grace);
  }

  async function currentIsGood(
    found: Version | undefined,
    now: Map<string, string>,
  ): Promise<void> {
    if (found?.id !== current) {
      if (current) supersededAt.set(current, clock.now());
      current = found?.id;
      if (!found?.credential) return;
      count(promotions, found.id);
      const verdict = await world.accepts(found.id);
      if (verdict !== 'accepted')
        throw new Violation(`the registry answers ${verdict} to the promoted version ${found.id}`);
    }
    const { expiresAt, id } = found?.credential ?? {};
    if (!id || (expiresAt && expiresAt <= clock.now())) return;
    if (now.get(id) !== 'enabled')
      throw new Violation(`the credential of AWSCURRENT is ${now.get(id)}, version ${current}`);
  }

  function othersAreGood({ arn, versions }: Ledger, now: Map<string, string>): void {
    for (const version of versions) {
      for (const label of version.labels) labels.add(label);
      const { id, credential, disabledAt, revokeAfter } = version;
      // Secrets Manager stages its version, with an id of its own, before a credential is issued
      // for it
      const derived = () =>
        target.driver === 'secrets-manager' || derivable(arn, current ?? '', id);
      if (credential && version.pending && !stored.has(credential.id) && !derived())
        throw new Violation(`version ${id} cannot be derived again from the previous version`);
      if (!credential || version.current) continue;
      stored.set(credential.id, id);
      const state = now.get(credential.id);
      // a version that returns from its soak is pending before it is enabled again
      const soaking =
        disabledAt !== undefined || (revokeAfter !== undefined && revokeAfter <= clock.now());
      if (version.pending && state !== 'enabled' && state !== 'expired' && !soaking)
        throw new Violation(`the credential of a candidate is ${state}, version ${id}`);
      if (!version.pending && !revokeAfter)
        throw new Violation(`version ${id} is superseded, and has no time of revocation`);
    }
    const known = new Set(
      versions.flatMap(({ credential }) => (credential ? [credential.id] : [])),
    );
    for (const [credential, version] of stored) {
      if (!known.has(credential) && live(now.get(credential)))
        throw new Violation(
          [
            `the label of a credential that is ${now.get(credential)} was taken off version`,
            `${version}`,
          ].join(' '),
        );
    }
  }

  return {
    promotions,
    endings,
    supersededAt,
    stored,
    labels,
    graceEnd,
    /** Throws a `Violation`. `missed`: more than one call was made since the last inspection. */
    async look(missed = false): Promise<void> {
      const ledger = await world.ledger();
      const now = world.states();
      const before = states;
      states = now;
      for (const [id, was] of before) {
        const is = now.get(id) ?? 'deleted';
        const end = (was === 'enabled' && is === 'disabled') || (live(was) && is === 'deleted');
        if (end) ended(id, was, ledger, missed);
      }
      if (ledger.current?.credential) stored.set(ledger.current.credential.id, ledger.current.id);
      await currentIsGood(ledger.current, now);
      othersAreGood(ledger, now);
    },
  };
}
