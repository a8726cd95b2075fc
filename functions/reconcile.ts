import { hasCode } from '../lib/core/errors.ts';
import { announceAdminExpiry } from '../lib/core/jobs/admin-expiry.ts';
import { revokeOrphans } from '../lib/core/jobs/orphans.ts';
import { announcePlan } from '../lib/core/jobs/plan.ts';
import { announceRemoved } from '../lib/core/jobs/removed.ts';
import { parseJson } from '../lib/core/json.ts';
import { reconcile } from '../lib/core/reconcile/index.ts';
import { tooManyReports } from '../lib/core/sweep/brake.ts';
import { SECOND } from '../lib/core/time.ts';
import { once } from './shared/environment.ts';
import { explain, type LambdaContext, logFor, logger } from './shared/log.ts';
import { type Message, message } from './shared/message.ts';
import { orphanMetrics, refusedMetrics } from './shared/metrics.ts';
import { wireWorker } from './shared/worker.ts';

/** The part of an SQS event that rekey reads. */
export interface SqsEvent {
  readonly Records: readonly {
    readonly messageId: string;
    readonly body: string;
    readonly attributes: { readonly MessageGroupId?: string };
  }[];
}

/**
 * Reserved so that a run ends, and returns unfinished messages to the queue, before Lambda ends the
 * function.
 */
const RESERVE = 15 * SECOND;

const wiring = once(wireWorker);

/**
 * The worker. A message that fails, or is not started because time ran out, returns to the queue.
 * So do later messages of its group: a FIFO queue must be processed in order. A message that can
 * never succeed does not return, because it would block its group for an hour.
 */
export async function handler(
  { Records }: SqsEvent,
  context: LambdaContext,
): Promise<{ readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] }> {
  logFor(context);
  const failed: string[] = [];
  const blocked = new Set<string>();
  for (const { messageId, body, attributes } of Records) {
    const group = attributes.MessageGroupId ?? messageId;
    const left = context.getRemainingTimeInMillis() - RESERVE;
    const done =
      !blocked.has(group) && left > 0 && (await attempt(body, { messageId, context, left }));
    if (done) continue;
    blocked.add(group);
    failed.push(messageId);
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

interface Delivery {
  readonly messageId: string;
  readonly context: LambdaContext;
  /** Milliseconds. */
  readonly left: number;
}

/** False if the message has to be delivered again. Logs what went wrong. */
async function attempt(body: string, { messageId, context, left }: Delivery): Promise<boolean> {
  logFor(context, { messageId });
  // without a valid environment the fleet stays undefined, and the message is not to blame
  let fleet: string | undefined;
  try {
    fleet = wiring().fleet.id;
    const parsed = message.safeParse(parseJson(body));
    if (parsed.success) logFor(context, { messageId, correlationId: parsed.data.correlationId });
    const refusal = parsed.success
      ? await handle(parsed.data, AbortSignal.timeout(left))
      : 'the message is malformed';
    if (refusal) {
      logger.error(refusal, { errorClass: 'bad-fleet' });
      refusedMetrics(fleet);
    }
    return true;
  } catch (error) {
    const { message: what, errorClass } = explain(error);
    logger.error(what, { errorClass });
    // delivering the same message again does not help: the next sweep sends one if work is due
    if (fleet === undefined || !hasCode(error, 'bad-fleet', 'secret-missing')) return false;
    refusedMetrics(fleet);
    return true;
  }
}

/** Processes one message. Returns the reason if it can never be processed. */
async function handle(work: Message, signal: AbortSignal): Promise<string | undefined> {
  const { fleet, engine, dryRun } = wiring();
  const { correlationId } = work;
  if ('removed' in work) {
    const removed = await engine.store.describe(work.removed, signal);
    // the message may be weeks old, from the dead letters, and its target back in the fleet
    const back = fleet.targets.some(({ secret }) => secret === removed?.name);
    if (back)
      logger.info('the secret is a target again: its removal is not announced', {
        secret: removed?.name,
      });
    else if (removed && !dryRun) await announceRemoved(engine, fleet.id, removed, correlationId);
    return undefined;
  }
  if ('orphans' in work) {
    const { orphans } = work;
    if (!dryRun)
      await announceAdminExpiry(engine, fleet, orphans, { signal, correlationId }).catch(
        unlessUnreadable,
      );
    const none = { revoked: 0, failed: [] };
    const { revoked, failed } = dryRun
      ? none
      : await revokeOrphans(engine, fleet, orphans, { signal, correlationId });
    for (const { credentialId, error } of failed)
      logger.error('an orphan is still alive', {
        ...orphans,
        credentialId,
        errorClass: error.code,
      });
    if (failed.length > 0) orphanMetrics(fleet.id, orphans.provider, failed.length);
    logger.info('looked for orphans', { ...orphans, revoked, failed: failed.length });
    return undefined;
  }
  const { target: name, check: checked = false, believed = false } = work;
  const doubted = !believed;
  const target = fleet.targets.find((candidate) => candidate.name === name);
  if (!target) return `the fleet ${fleet.id} has no target with the name in the message`;
  if (dryRun) await announcePlan(engine, target, correlationId, { doubted });
  else
    await reconcile(engine, target, {
      signal,
      correlationId,
      checked,
      doubted,
      brake: () => tooManyReports(engine, fleet, signal),
    });
  return undefined;
}

/** A missing or unreadable admin secret is reported by the rotations that need it. */
function unlessUnreadable(error: unknown): void {
  if (!hasCode(error, 'admin-missing', 'forbidden', 'secret-missing')) throw error;
}
