import { agenda, type Reason } from '../decide/index.ts';
import { labels, labelsOf } from '../ledger/index.ts';
import { plus, SECOND, stamp } from '../time.ts';
import { publish } from './publish.ts';
import { now, type Run } from './run.ts';

/**
 * Gates that are not announced again: the failure was announced when it happened, with the time of
 * the next try.
 */
const announced: ReadonlySet<Reason> = new Set(['backing-off', 'paused', 'tried']);

/** A delay that ends this soon counts as no wait. */
const SOON = 10 * SECOND;

/**
 * Announces to the requester of a rotation that it has to wait, what for, and until when if that is
 * known. One event for each gate.
 */
export async function announceHeld(run: Run, doubted: boolean | undefined): Promise<void> {
  const { record, target } = run;
  if (!record.snapshot || record.ledger.deleted) return;
  const { ledger } = record;
  const { current } = ledger;
  const { requested, reported } = current ?? {};
  const request = reported ?? requested;
  if (!current || !request) return;
  const why = reported ? 'compromised' : 'requested';
  const dues = agenda({ target, ledger, now: now(run), doubted }).filter(
    ({ action, reason }) => action === 'rotate' && reason === why,
  );
  const [next] = dues.filter(
    ({ at, gate }) => gate && !announced.has(gate) && at > plus(now(run), SOON),
  );
  if (!next?.gate || request.held === next.gate) return;
  const [requestType, kind] = reported
    ? (['Credential Compromised', 'compromised'] as const)
    : (['Rotation Requested', 'requested'] as const);
  const until = next.at.getTime() < 8e15 && { until: next.at.toISOString() };
  run.correlationId = request.correlationId ?? run.correlationId;
  const data = {
    request: requestType,
    versionId: current.id,
    gate: next.gate,
    ...until,
    final: false,
  } as const;
  await publish(run, [
    'Request Held',
    `${current.id} ${kind} ${stamp(request.at)} ${next.gate}`,
    data,
  ]);
  const label = reported
    ? labels.compromised(current.id, { ...reported, held: next.gate })
    : labels.requested(current.id, request.at, request.correlationId, next.gate);
  await record.replace(labelsOf(current, kind), label, current.id);
}
