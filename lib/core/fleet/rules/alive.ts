import type { Provider } from '../../provider.ts';
import { formatDuration } from '../../time.ts';
import type { Target } from '../target.ts';
import { problem, type Rule } from './rule.ts';

/** Number of superseded credentials of one target whose labels fit into 20 staging labels. */
const MOST_SUPERSEDED = 2;

/** More of them fit if they can only expire, because each has fewer labels. */
const MOST_EXPIRING = 3;

/** The interval of a target is shortened by up to a tenth: see `phase` in decide/reasons.ts. */
const SHORTEST = 0.9;

/** Number of superseded credentials alive at once: the number of intervals that one outlives. */
function supersededAtOnce(target: Target, provider: Provider): number {
  const { interval, grace, soak, revocable } = target;
  const shortest = interval * SHORTEST;
  // an expiry-only credential outlives its grace
  const life = provider.lifetime?.(target.params) ?? grace;
  const outlives = revocable ? grace + soak : Math.max(grace, life - shortest);
  return Math.ceil(outlives / shortest);
}

/**
 * Grace and soak keep more superseded credentials alive than the secret's 20 staging labels have
 * room for. For revocable credentials only: see `tooManyExpiring`.
 */
export const tooManySuperseded: Rule = (target, provider) => {
  const spanned = supersededAtOnce(target, provider);
  if (!target.revocable || spanned <= MOST_SUPERSEDED) return undefined;
  const [grace, soak] = [target.grace, target.soak].map(formatDuration);
  return problem(
    'soak',
    `at most ${MOST_SUPERSEDED}: a secret has no room for the labels of more`,
    `grace (${grace}) and soak (${soak}) together span ${spanned} intervals`,
  );
};

/**
 * More expiry-only credentials are alive at once, the current one included, than the secret's 20
 * staging labels have room for.
 */
export const tooManyExpiring: Rule = (target, provider) => {
  const alive = supersededAtOnce(target, provider) + 1;
  if (target.revocable || alive <= MOST_EXPIRING + 1) return undefined;
  return problem(
    'interval',
    `at most ${MOST_EXPIRING + 1}: credentials of ${provider.name} can only expire, ` +
      'so the interval must be longer',
    `${alive} credentials are alive at once`,
  );
};

/**
 * Grace and soak keep more credentials alive at once than `liveAtOnce` of the provider allows, so
 * the provider would refuse to issue the next one.
 */
export const moreThanAllowed: Rule = (target, provider) => {
  const { liveAtOnce } = provider.capabilities;
  const alive = supersededAtOnce(target, provider) + 1;
  if (alive <= liveAtOnce) return undefined;
  return problem(
    'grace',
    `at most ${liveAtOnce}, which is what ${provider.name} allows`,
    `grace and soak keep ${alive} credentials alive at once`,
  );
};

/**
 * The provider can neither list its credentials nor let them expire, so rekey could not find a
 * credential whose id a crash lost.
 */
export const aliveForever: Rule = ({ params }, provider) =>
  !provider.find && !provider.capabilities.expiry && provider.lifetime?.(params) === undefined
    ? problem(
        'provider',
        'a provider that can list its credentials or let them expire: ' +
          'a crash could leave one alive forever',
      )
    : undefined;
