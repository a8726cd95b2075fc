import type { Account } from '../account.ts';
import type { Background } from '../background.ts';
import type { Rule, Target } from '../state.ts';
import { type Courier, deliver } from './deliver.ts';
import { type EventPattern, eventPattern } from './event-pattern.ts';
import type { Envelope } from './put-events.ts';

/** The published events, for inspection. */
export interface Events {
  /** The latest 10,000 events of a bus, oldest first. */
  recorded(bus?: string): readonly Envelope[];
  /**
   * Deliveries that failed for good, with or without a dead-letter queue: the function kept
   * failing, or the queue does not exist.
   */
  readonly undelivered: readonly {
    readonly rule: string;
    readonly target: string;
    readonly eventId: string;
  }[];
  reset(): void;
}

interface BusWiring extends Courier {
  readonly background: Background;
}

const KEPT = 10_000;

/**
 * Records published events and delivers them to the targets of matching rules, in order per target.
 */
export function createBus(account: Account, { background, ...courier }: BusWiring) {
  const recorded = new Map<string, Envelope[]>();
  const undelivered: { rule: string; target: string; eventId: string }[] = [];
  const patterns = new Map<string, EventPattern>();
  const tails = new Map<string, Promise<void>>();

  function matches(rule: Rule, envelope: Envelope): boolean {
    if (rule.pattern === undefined || rule.state === 'DISABLED') return false;
    const compiled = patterns.get(rule.pattern) ?? eventPattern(rule.pattern);
    patterns.set(rule.pattern, compiled);
    return compiled(envelope);
  }

  async function hand(rule: Rule, target: Target, envelope: Envelope): Promise<void> {
    if (await deliver(courier, rule, target, envelope)) return;
    undelivered.push({ rule: rule.name, target: target.Id, eventId: envelope.id });
    undelivered.splice(0, undelivered.length - KEPT);
  }

  function publish(bus: string, envelope: Envelope): void {
    const events = recorded.get(bus) ?? [];
    recorded.set(bus, [...events, envelope].slice(-KEPT));
    for (const rule of account.state.rules.filter(
      (one) => one.bus === bus && matches(one, envelope),
    )) {
      for (const target of rule.targets) {
        const key = `${rule.arn} ${target.Id}`;
        const turn = (tails.get(key) ?? Promise.resolve()).then(() => hand(rule, target, envelope));
        tails.set(key, turn);
        background.start(() => turn);
      }
    }
  }

  const events: Events = {
    recorded: (bus = 'default') => recorded.get(bus) ?? [],
    undelivered,
    reset() {
      recorded.clear();
      undelivered.length = 0;
    },
  };
  return { publish, events };
}
