import type { InboundType } from '../core/events/index.ts';
import { request } from '../core/jobs/requests.ts';
import type { Outcome } from '../core/reconcile/index.ts';
import { agreedTo } from './confirm.ts';
import { type Context, type Result, targetNamed } from './context.ts';
import { refuseImpossible, refuseNearEnd, refuseWrongClock } from './refuse.ts';
import type { RequestOptions } from './request.ts';
import { inWords, next } from './view.ts';

/**
 * `rotate`, `compromised` and `rollback` with `--in-process`: records the request, then reconciles
 * the target in this process, bypassing the queue. If this process dies halfway, the next sweep
 * resumes from there.
 */
export async function act(
  context: Context,
  { type, name, confirm }: Omit<RequestOptions, 'wait'>,
): Promise<Result> {
  const { engine, print } = context;
  const target = targetNamed(context, name);
  const snapshot = await engine.store.describe(target.secret);
  refuseWrongClock(context.skew());
  const ledger = refuseImpossible(type, target, snapshot, engine.clock.now());
  if (type === 'Rollback Requested') refuseNearEnd(target, ledger, engine.clock.now());
  await context.requireBus();
  await agreedTo(type, target, ledger, confirm, context);
  await request(engine.store, engine.clock, type, target);
  const outcome = await context.reconcile(target);
  return report(type, outcome, print, engine.clock.now());
}

function report(
  type: InboundType,
  { steps, decision }: Outcome,
  print: Context['print'],
  now: Date,
): Result {
  for (const { target, decision: done, error } of steps) {
    print(
      `${target.name}: ${done.action} (${done.reason})${error ? ` failed: ${error.message}` : ''}`,
    );
  }
  const { due, when, gate, message } = next(decision, now);
  if (steps.some(({ error }) => error)) {
    print(`next: ${due} ${inWords(when, now)}${gate ? ` (${gate})` : ''}: ${message}`);
    return 'failed';
  }
  const wanted = type === 'Rollback Requested' ? 'rollback' : 'rotate';
  if (steps.some(({ decision: { action } }) => action === wanted) || due !== wanted) {
    print(`next: ${due} ${inWords(when, now)}: ${message}`);
    return 'done';
  }
  const held = gate ? `held by ${gate} ` : '';
  const until = when ?? 'a person makes room';
  print(`not done: ${held}until ${until}; the request is recorded, and rekey resumes it then`);
  return 'waiting';
}
