import type { InboundType } from '../core/events/index.ts';
import { agreedTo, type Confirm } from './confirm.ts';
import { type Context, type Result, targetNamed } from './context.ts';
import { follow } from './follow.ts';
import { refuseImpossible } from './refuse.ts';

/** A request of a user, with the options of the command. */
export interface RequestOptions {
  readonly type: InboundType;
  readonly name: string;
  readonly confirm: Confirm;
  /** How long to follow the request, in milliseconds; `false` to not follow it. */
  readonly wait: number | false;
}

/**
 * `rekey rotate`, `compromised` and `rollback`: puts the request on the bus for the deployed
 * worker, and follows its progress in the ledger.
 */
export async function request(
  context: Context,
  { type, name, confirm, wait }: RequestOptions,
): Promise<Result> {
  const { engine, print, bus, correlationId } = context;
  const target = targetNamed(context, name);
  const snapshot = await engine.store.describe(target.secret);
  const before = refuseImpossible(type, target, snapshot, engine.clock.now());
  await context.requireBus();
  await agreedTo(type, target, before, confirm, context);
  await context.publish(type, target, correlationId);
  print(`${name}: published ${type} on the bus ${bus} (${correlationId})`);
  if (wait !== false) return follow(context, type, target, before, wait);
  print(`to see its progress: rekey status ${name}`);
  return 'done';
}
