import type { InboundType } from '../core/events/index.ts';
import { type Context, targetNamed } from './context.ts';
import { follow } from './follow.ts';
import { refuseImpossible } from './refuse.ts';

/**
 * `rekey rotate`, `compromised` and `rollback`: puts the request on the bus, where the deployed worker receives it, and follows
 * in the ledger what becomes of it for up to `wait` milliseconds; `false` does not follow it. True if it is done, or published
 * and not followed.
 */
export async function ask(context: Context, type: InboundType, name: string, wait: number | false): Promise<boolean> {
  const { engine, print, bus, correlationId } = context;
  const target = targetNamed(context, name);
  const snapshot = await engine.store.describe(target.secret);
  const before = refuseImpossible(type, target, snapshot, engine.clock.now());
  await context.publish(type, target, correlationId);
  print(`${name}: published ${type} on the bus ${bus} (${correlationId})`);
  if (wait !== false) return follow(context, type, target, before, wait);
  print(`to see what becomes of it: rekey status ${name}`);
  return true;
}
