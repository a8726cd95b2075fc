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
 * Reasons that cannot wait: a person requested it, or consumers are about to lose their credential,
 * or do not know about a new one.
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

/** 0 if the reason cannot wait, 1 if it can. */
export const urgency = ({ decision }: Work): number => Number(!urgent.includes(decision.reason));

/** Sorts by urgency, then by how long the work has been due. */
export const byUrgency = (a: Work, b: Work): number =>
  urgency(a) - urgency(b) || Number(a.decision.at) - Number(b.decision.at);

/**
 * Splits due work into the part for the workers now, the most pressing first, and the part that the
 * next sweep will see again.
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
