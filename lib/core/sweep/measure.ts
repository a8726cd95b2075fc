import { aliveBehind, parseLedger } from '../ledger/index.ts';
import { factsOf } from './facts.ts';
import type { Sweep } from './index.ts';
import type { Found } from './troubles.ts';

export { FAILING, OPEN, OVERDUE } from './troubles.ts';

/** A problem with one target. */
export interface Trouble extends Found {
  readonly target: string;
  readonly provider: string;
}

/** The health of the fleet, for metrics and alarms. */
export interface Measures {
  readonly troubles: readonly Trouble[];
  /** The age and the interval of each current credential, in milliseconds. */
  readonly ages: readonly {
    readonly target: string;
    readonly provider: string;
    readonly age: number;
    readonly interval: number;
  }[];
  /** Names of secrets with the fleet's tag and live credentials that no target names. */
  readonly removed: readonly string[];
}

/** Derives the health of the fleet from a sweep. Pure: everything is in the labels. */
export function measure({ targets, removed, doubts }: Sweep, now: Date): Measures {
  const troubles = doubted(targets, doubts);
  const together = new Set(doubts.registries.flatMap((registry) => registry.targets));
  const ages: { target: string; provider: string; age: number; interval: number }[] = [];
  for (const one of targets) {
    const { target, decision } = one;
    const { name, provider, interval } = target;
    const found = (kind: Trouble['kind'], detail: string) =>
      troubles.push({ target: name, provider, kind, detail });
    const facts = factsOf(one, now);
    if (!facts || decision.reason === 'secret-missing') {
      found('secret-missing', decision.message);
      continue;
    }
    if (facts.issuedAt !== undefined)
      ages.push({
        target: name,
        provider,
        interval,
        age: Math.max(0, Number(now) - facts.issuedAt),
      });
    for (const { kind, detail } of facts.troubles)
      if (kind !== 'unhealthy' || !together.has(name)) found(kind, detail);
  }
  const unattended = removed
    .filter((secret) => aliveBehind(parseLedger(secret), now).length > 0)
    .map(({ name }) => name);
  return { troubles, ages, removed: unattended };
}

/** One trouble for each registry that refuses most logins, instead of one for each target. */
function doubted(targets: Sweep['targets'], { registries }: Sweep['doubts']): Trouble[] {
  return registries.flatMap(({ targets: names, refused, tried }) => {
    const doubted = new Set(names);
    const one = targets.find(({ target }) => doubted.has(target.name));
    if (!one) return [];
    const { name, provider } = one.target;
    return [
      {
        target: name,
        provider,
        kind: 'registry-doubted',
        detail: `${refused} of ${tried} are refused`,
      } as const,
    ];
  });
}
