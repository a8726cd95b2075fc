import type { Journal, Told } from './journal.ts';
import { Violation } from './violation.ts';
import type { Witness } from './witness.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
/** Maximum delay of its events. Each history has one of these. */
const lates = [0, 10 * MINUTE, 6 * 60 * MINUTE, Number.POSITIVE_INFINITY];

interface Delivery {
  readonly due: Date;
  readonly event: Told;
}

interface Holding {
  readonly version: string;
  readonly credential: string;
  /** True if a person edited the secret since it was read. */
  edited: boolean;
}

export type Follower = ReturnType<typeof createFollower>;

/**
 * A workload that sees only events: late, twice and unordered. On each new event it reads
 * AWSCURRENT and uses that value. While it follows within the announced grace, it never holds a
 * dead credential.
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
   * Delivers an event at a random time before the announced end of the previous credential, or at
   * once if that has passed.
   */
  function enqueue(event: Told): void {
    if (event.type !== 'Credential Rotated' && event.type !== 'Rolled Back') return;
    const before = (event.data.previous ?? event.data.from) as { revokeAfter?: string } | undefined;
    const end = before?.revokeAfter ? Date.parse(before.revokeAfter) : 0;
    const room = Math.min(late, Math.max(0, end - Number(event.at) - MINUTE));
    const first = random() * room;
    for (const delay of [first, random() * 3 * room])
      deliveries.push({ due: new Date(Number(event.at) + delay), event });
    // a repeat may arrive before the first event
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
     * Called after a person edited the secret of a target. rekey need not keep the follower's
     * credential alive until the next event.
     */
    edited(target: string): void {
      const holding = holdings.get(target);
      if (holding) holding.edited = true;
    },
    /**
     * Reads new events, delivers those that are due, and checks the credential that it then holds.
     */
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
    // no newer version exists; other checks judge the current one
    if (current?.id === holding.version) return;
    const untold = journal.ids(current?.id ?? '', 'Credential Rotated', 'Rolled Back') === 0;
    if (state === 'expired' && untold) return;
    throw new Violation(
      [
        `${name}: a follower of the events holds version ${holding.version}, whose credential is`,
        `${state}`,
      ].join(' '),
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
