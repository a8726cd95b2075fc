import { heldUntold } from '../decide/index.ts';
import { labels, labelsOf } from '../ledger/index.ts';
import { stamp } from '../time.ts';
import { publish } from './publish.ts';
import { now, type Run } from './run.ts';

/**
 * Announces to the requester of a rotation that it has to wait, what for, and until when if that is
 * known. One event for each gate.
 */
export async function announceHeld(run: Run, doubted: boolean | undefined): Promise<void> {
  const { record, target } = run;
  if (!record.snapshot || record.ledger.deleted) return;
  const { ledger } = record;
  const { current } = ledger;
  const held = heldUntold({ target, ledger, now: now(run), doubted });
  if (!current || !held) return;
  const { request, gate, at } = held;
  const { reported } = current;
  const [requestType, kind] = reported
    ? (['Credential Compromised', 'compromised'] as const)
    : (['Rotation Requested', 'requested'] as const);
  const until = at.getTime() < 8e15 && { until: at.toISOString() };
  run.correlationId = request.correlationId ?? run.correlationId;
  const data = {
    request: requestType,
    versionId: current.id,
    gate,
    ...until,
    final: false,
  } as const;
  await publish(run, ['Request Held', `${current.id} ${kind} ${stamp(request.at)} ${gate}`, data]);
  const label = reported
    ? labels.compromised(current.id, { ...reported, held: gate })
    : labels.requested(current.id, request.at, request.correlationId, gate);
  await record.replace(labelsOf(current, kind), label, current.id);
}
