import type { Due } from '../decide/index.ts';
import type { Target } from '../fleet/target.ts';

/**
 * Targets of one provider that are handed to the workers in a minute. A rotation is about four
 * calls to the provider and four writes to Secrets Manager. Per provider, that is 2 writes a second
 * of the 50 an account has, and half of the 250 calls a minute of the strictest documented limit
 * (DigitalOcean).
 */
export const PACE = 30;

interface Work {
  readonly target: Target;
  readonly decision: Due;
}

/**
 * What cannot wait: somebody said so, or consumers are about to lose, or do not know, what they
 * work with.
 */
const urgent: readonly string[] = [
  'compromised',
  'requested',
  'rollback-requested',
  'unannounced',
  'half-done',
  'expiring',
  'unhealthy',
];

/** 0 for what cannot wait, 1 for what can. */
export const urgency = ({ decision }: Work): number => Number(!urgent.includes(decision.reason));

/** The most pressing first, then what has waited longest. */
export const byUrgency = (a: Work, b: Work): number =>
  urgency(a) - urgency(b) || Number(a.decision.at) - Number(b.decision.at);

/**
 * Splits what is due into what goes to the workers now, the most pressing first, and what the next
 * sweep will see again.
 */
export function paced<W extends Work>(
  due: readonly W[],
  minutes: number,
): { readonly now: readonly W[]; readonly later: readonly W[] } {
  const ordered = [...due].sort(byUrgency);
  const taken = new Map<string, number>();
  const fits = ({ target: { provider } }: W): boolean => {
    const before = taken.get(provider) ?? 0;
    taken.set(provider, before + 1);
    return before < PACE * minutes;
  };
  const now: W[] = [];
  const later: W[] = [];
  for (const work of ordered) (fits(work) ? now : later).push(work);
  return { now, later };
}
