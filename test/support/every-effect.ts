import { expect } from 'vitest';
import { Spot } from './effects.ts';
import { drawn, seed, whole } from './sample.ts';

/**
 * The places at which a test stalls or kills a worker, each in a world of its own. The first is
 * none, so that the worker does all of its run; then comes one effect of each kind, drawn by seed
 * and title. With `REKEY_TESTS=all` it is every effect, and then none.
 */
export function* everyEffect(): Generator<Spot> {
  const none = new Spot(Number.POSITIVE_INFINITY);
  if (!whole) yield none;
  const title = expect.getState().currentTestName ?? '';
  for (const effect of whole ? counted() : oneOfEachKind(none.kinds, `${seed}/${title}`)) {
    const spot = new Spot(effect);
    yield spot;
    if (spot.reached) continue;
    if (!whole) throw new Error(`the worker never reached effect ${effect}: ${none.kinds}`);
    return;
  }
}

function* counted(): Generator<number> {
  for (let effect = 1; effect < 100; effect++) yield effect;
  throw new Error('a worker with a hundred effects');
}

function oneOfEachKind(kinds: readonly string[], text: string): readonly number[] {
  if (kinds.length === 0) throw new Error('the worker has no effect');
  return [...new Set(kinds)].map((kind) => {
    const places = kinds.flatMap((one, index) => (one === kind ? [index + 1] : []));
    return places[Math.floor(drawn(`${text}/${kind}`) * places.length)] ?? 0;
  });
}
