import type { Journal, Told } from './journal.ts';
import { Violation } from './violation.ts';
import type { Witness } from './witness.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
/** How late its events come, at the latest; each history has one of them. */
const lates = [0, 10 * MINUTE, 6 * 60 * MINUTE, Number.POSITIVE_INFINITY];

interface Delivery {
  readonly due: Date;
  readonly event: Told;
}

interface Holding {
  readonly version: string;
  readonly credential: string;
  /** A person edited the secret since it was read. */
  edited: boolean;
}

export type Follower = ReturnType<typeof createFollower>;

/**
 * A workload that sees nothing but events: late, twice and unordered. On each that it has not seen
 * it reads AWSCURRENT, and works with that. As long as it follows within the grace that was
 * announced, it never holds a dead credential.
 */
export function createFollower(
  world: World,
  witness: Witness,
  journal: Journal,
  random: () => number,
  late = lates[Math.floor(random() * lates.length)] ?? 0,
) {
  const { clock } = world;
  const deliveries: Delivery[] = [];
  const seen = new Set<string>();
  const holdings = new Map<string, Holding>();

  /**
   * It is delivered at any time before the end of the credential before it, by what the event says;
   * at once if that is over.
   */
  function enqueue(event: Told): void {
    if (event.type !== 'Credential Rotated' && event.type !== 'Rolled Back') return;
    const before = (event.data.previous ?? event.data.from) as { revokeAfter?: string } | undefined;
    const end = before?.revokeAfter ? Date.parse(before.revokeAfter) : 0;
    const room = Math.min(late, Math.max(0, end - Number(event.at) - MINUTE));
    const first = random() * room;
    for (const delay of [first, random() * 3 * room])
      deliveries.push({ due: new Date(Number(event.at) + delay), event });
    // a repeat may come before the first
    if (random() < 0.5) deliveries.reverse();
  }

  async function deliver({ event }: Delivery): Promise<void> {
    if (seen.has(event.id)) return;
    seen.add(event.id);
    const entry = world.entries.find(({ name }) => name === event.target);
    const { current } = entry ? await world.ledger(world.target(entry)) : {};
    if (current?.credential)
      holdings.set(event.target, {
        version: current.id,
        credential: current.credential.id,
        edited: false,
      });
  }

  return {
    /**
     * A person edited the secret of a target: what its follower holds until the next event is not
     * rekey's to keep alive.
     */
    edited(target: string): void {
      const holding = holdings.get(target);
      if (holding) holding.edited = true;
    },
    /** Takes what was published, delivers what is due, and looks at what it holds then. */
    async follow(fresh: readonly Told[]): Promise<void> {
      for (const event of fresh) enqueue(event);
      const due = deliveries.filter((delivery) => delivery.due <= clock.now());
      deliveries.splice(
        0,
        deliveries.length,
        ...deliveries.filter((delivery) => delivery.due > clock.now()),
      );
      for (const delivery of due) await deliver(delivery);
      const states = world.states();
      for (const entry of world.entries) await lives(entry.name, states);
    },
  };

  async function lives(name: string, states: ReadonlyMap<string, string>): Promise<void> {
    const holding = holdings.get(name);
    const entry = world.entries.find((one) => one.name === name);
    if (!holding || !entry || holding.edited) return;
    const state = states.get(holding.credential) ?? 'deleted';
    if (state === 'enabled' || excused(name, holding)) return;
    const { current } = await world.ledger(world.target(entry));
    // there is nothing better to hold, which others judge
    if (current?.id === holding.version) return;
    const untold = journal.ids(current?.id ?? '', 'Credential Rotated', 'Rolled Back') === 0;
    if (state === 'expired' && untold) return;
    throw new Violation(
      `${name}: a follower of the events holds version ${holding.version}, whose credential is ${state}`,
    );
  }

  function excused(name: string, { credential, version }: Holding): boolean {
    const { tampered, left } = witness.of(name);
    return (
      witness.retired.has(name) ||
      witness.killed.has(credential) ||
      witness.compromised.has(credential) ||
      tampered.has(version) ||
      left.has(version)
    );
  }
}
