import type { InboundType } from '../core/events/index.ts';
import type { Outcome } from '../core/reconcile/index.ts';
import { request } from '../core/requests.ts';
import { type Context, targetNamed } from './context.ts';
import { refuseImpossible, refuseNearEnd, refuseWrongClock } from './refuse.ts';
import { inWords, next } from './view.ts';

/**
 * `rotate`, `compromised` and `rollback` with `--in-process`: writes the request down, then does what is due for the target in
 * this process, past the queue. True if nothing failed. If this process dies half-way, the next sweep goes on from there.
 */
export async function act(context: Context, type: InboundType, name: string): Promise<boolean> {
  const { engine, print } = context;
  const target = targetNamed(context, name);
  const snapshot = await engine.store.describe(target.secret);
  refuseWrongClock(context.skew());
  const ledger = refuseImpossible(type, target, snapshot, engine.clock.now());
  if (type === 'Rollback Requested') refuseNearEnd(target, ledger, engine.clock.now());
  await request(engine.store, engine.clock, type, target);
  const outcome = await context.reconcile(target);
  report(outcome, print, engine.clock.now());
  return outcome.steps.every(({ error }) => !error);
}

function report({ steps, decision }: Outcome, print: (line: string) => void, now: Date): void {
  for (const { target, decision: done, error } of steps) {
    print(`${target.name}: ${done.action} (${done.reason})${error ? ` failed: ${error.message}` : ''}`);
  }
  const { due, when, gate, message } = next(decision, now);
  print(`next: ${due} ${inWords(when, now)}${gate ? ` (${gate})` : ''}: ${message}`);
}
