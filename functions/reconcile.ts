import { tellAdminExpiry } from '../lib/core/admin-expiry.ts';
import { hasCode } from '../lib/core/errors.ts';
import { revokeOrphans } from '../lib/core/orphans.ts';
import { announcePlan } from '../lib/core/plan.ts';
import { reconcile } from '../lib/core/reconcile/index.ts';
import { announceRemoved } from '../lib/core/removed.ts';
import { SECOND } from '../lib/core/time.ts';
import { once } from './environment.ts';
import { explain, logger } from './log.ts';
import { message } from './message.ts';
import { orphanMetrics, refusedMetrics } from './metrics.ts';
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
 * since a FIFO queue must not be served out of order. What can never succeed does not: it would hold its group up for an hour.
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
    const done = !blocked.has(group) && left > 0 && (await attempt(body, messageId, left));
    if (done) continue;
    blocked.add(group);
    failed.push(messageId);
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** False if the message has to come again. What went wrong is told. */
async function attempt(body: string, messageId: string, left: number): Promise<boolean> {
  try {
    const refusal = await handle(body, AbortSignal.timeout(left));
    if (refusal) {
      logger.error(refusal, { errorClass: 'bad-fleet', messageId });
      refusedMetrics(wiring().fleet.id);
    }
    return true;
  } catch (error) {
    const { message: what, errorClass } = explain(error);
    logger.error(what, { errorClass });
    return false;
  }
}

/** Works one message off. Tells why, if it never can be. */
async function handle(body: string, signal: AbortSignal): Promise<string | undefined> {
  const { fleet, engine, dryRun } = wiring();
  const parsed = message.safeParse(parseJson(body));
  if (!parsed.success) return 'the message is not one of rekey’s';
  const { correlationId } = parsed.data;
  if ('stranger' in parsed.data) {
    const stranger = await engine.store.describe(parsed.data.stranger, signal);
    if (stranger && !dryRun) await announceRemoved(engine, fleet.id, stranger, correlationId);
    return undefined;
  }
  if ('orphans' in parsed.data) {
    const { orphans } = parsed.data;
    if (!dryRun) await tellAdminExpiry(engine, fleet, orphans, { signal, correlationId }).catch(unlessUnreadable);
    const none = { revoked: 0, failed: [] };
    const { revoked, failed } = dryRun ? none : await revokeOrphans(engine, fleet, orphans, { signal, correlationId });
    for (const { credentialId, error } of failed)
      logger.error('an orphan is alive', { ...orphans, credentialId, errorClass: error.code });
    if (failed.length > 0) orphanMetrics(fleet.id, orphans.provider, failed.length);
    logger.info('looked for orphans', { ...orphans, revoked, failed: failed.length });
    return undefined;
  }
  const { target: name, check: checked = false, believed = false } = parsed.data;
  const doubted = !believed;
  const target = fleet.targets.find((candidate) => candidate.name === name);
  if (!target) return `there is no target of the name in the message in the fleet ${fleet.id}`;
  if (dryRun) await announcePlan(engine, target, correlationId, { doubted });
  else await reconcile(engine, target, { signal, correlationId, checked, doubted });
  return undefined;
}

/** The rotations that need the admin credential report what is wrong with its secret. */
function unlessUnreadable(error: unknown): void {
  if (!hasCode(error, 'admin-missing', 'forbidden', 'secret-missing')) throw error;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
