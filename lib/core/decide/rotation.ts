import { MIN_INTERVAL } from '../fleet/target.ts';
import { plus } from '../time.ts';
import { gated } from './gates.ts';
import { type Need, needs } from './reasons.ts';
import type { Due, Reason, Rule, Situation } from './situation.ts';

/**
 * The rotations for a current credential that is dead, is about to be, or has to die: no other work
 * may come first.
 */
export const criticalRotation: Rule = (situation) =>
  rotations(situation, (need) => isCritical(need, situation));

/** The rotations that can wait for other work. */
export const rotation: Rule = (situation) =>
  rotations(situation, (need) => !isCritical(need, situation));

/** The most critical reason to rotate now; a gate may still hold the rotation back. */
export const wanted = (situation: Situation): Reason | undefined =>
  needs(situation).find(({ at }) => at <= situation.now)?.reason;

/** One candidate at a time: while there is one, no other rotation is due. */
const rotations = (situation: Situation, which: (need: Need) => boolean): Due[] =>
  situation.target.retired || situation.ledger.pending
    ? []
    : needs(situation)
        .filter(which)
        .map((need) => gated(need, situation));

/** A credential that is about to expire needs its successor first, for any reason. */
const isCritical = ({ critical }: Need, { ledger: { current }, now }: Situation): boolean =>
  critical === true ||
  (current?.credential?.expiresAt !== undefined &&
    current.credential.expiresAt <= plus(now, MIN_INTERVAL));
