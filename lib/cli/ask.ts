import type { InboundType } from '../core/events/index.ts';
import { agreedTo, type Confirm } from './confirm.ts';
import { type Context, type Result, targetNamed } from './context.ts';
import { follow } from './follow.ts';
import { refuseImpossible } from './refuse.ts';

export interface Order {
  readonly type: InboundType;
  readonly name: string;
  readonly confirm: Confirm;
  /** How long to follow the request, in milliseconds; `false` does not follow it. */
  readonly wait: number | false;
}

/**
 * `rekey rotate`, `compromised` and `rollback`: puts the request on the bus, where the deployed
 * worker receives it, and follows in the ledger what becomes of it.
 */
export async function ask(context: Context, { type, name, confirm, wait }: Order): Promise<Result> {
  const { engine, print, bus, correlationId } = context;
  const target = targetNamed(context, name);
  const snapshot = await engine.store.describe(target.secret);
  const before = refuseImpossible(type, target, snapshot, engine.clock.now());
  await context.requireBus();
  await agreedTo(type, target, before, confirm, context);
  await context.publish(type, target, correlationId);
  print(`${name}: published ${type} on the bus ${bus} (${correlationId})`);
  if (wait !== false) return follow(context, type, target, before, wait);
  print(`to see what becomes of it: rekey status ${name}`);
  return 'done';
}
