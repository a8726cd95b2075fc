import { RekeyError } from '../lib/core/errors.ts';
import { revokeOrphans } from '../lib/core/orphans.ts';
import { announcePlan } from '../lib/core/plan.ts';
import { reconcile } from '../lib/core/reconcile/index.ts';
import { announceRemoved } from '../lib/core/removed.ts';
import { SECOND } from '../lib/core/time.ts';
import { once } from './environment.ts';
import { explain, logger } from './log.ts';
import { message } from './message.ts';
import { wireWorker } from './worker.ts';

/** As much of an SQS event as is read. */
export interface SqsEvent {
  readonly Records: readonly {
    readonly messageId: string;
    readonly body: string;
    readonly attributes: { readonly MessageGroupId?: string };
  }[];
}

export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** Kept back so that a run ends, and what it could not finish is returned to the queue, before Lambda ends the function. */
const RESERVE = 15 * SECOND;

const wiring = once(wireWorker);

/**
 * A worker. What fails, or is not begun for want of time, goes back to the queue; so does what follows it in its group,
 * since a FIFO queue must not be served out of order.
 */
export async function handler(
  { Records }: SqsEvent,
  context: LambdaContext,
): Promise<{ readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] }> {
  const failed: string[] = [];
  const blocked = new Set<string>();
  for (const { messageId, body, attributes } of Records) {
    const group = attributes.MessageGroupId ?? messageId;
    const left = context.getRemainingTimeInMillis() - RESERVE;
    const done = !blocked.has(group) && left > 0 && (await attempt(body, left));
    if (done) continue;
    blocked.add(group);
    failed.push(messageId);
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** False if the message has to come again. What went wrong is told; a message that can never succeed ends in the dead-letter queue. */
async function attempt(body: string, left: number): Promise<boolean> {
  try {
    await handle(body, AbortSignal.timeout(left));
    return true;
  } catch (error) {
    const { message: what, errorClass } = explain(error);
    logger.error(what, { errorClass });
    return false;
  }
}

async function handle(body: string, signal: AbortSignal): Promise<void> {
  const parsed = message.safeParse(parseJson(body));
  if (!parsed.success) throw new RekeyError('bad-fleet', 'the message is not one of rekey’s');
  const { fleet, engine, dryRun } = wiring();
  const { correlationId } = parsed.data;
  if ('stranger' in parsed.data) {
    const stranger = await engine.store.describe(parsed.data.stranger);
    if (stranger && !dryRun) await announceRemoved(engine, fleet.id, stranger, correlationId);
    return;
  }
  if ('orphans' in parsed.data) {
    const revoked = dryRun ? 0 : await revokeOrphans(engine, fleet, parsed.data.orphans, { signal, correlationId });
    logger.info('looked for orphans', { ...parsed.data.orphans, revoked });
    return;
  }
  const { target: name, check: checked = false } = parsed.data;
  const target = fleet.targets.find((candidate) => candidate.name === name);
  if (!target) throw new RekeyError('bad-fleet', `there is no target of the name in the message in the fleet ${fleet.id}`);
  if (dryRun) await announcePlan(engine, target, correlationId);
  else await reconcile(engine, target, { signal, correlationId, checked });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
