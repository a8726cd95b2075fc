import { parseLedger } from '../lib/core/ledger.ts';
import { sweep } from '../lib/core/sweep.ts';
import { lazily, log } from './environment.ts';
import type { Message } from './message.ts';

const wiring = lazily();

/** Scheduled. Looks at the fleet and hands what is due to the workers; changes nothing. */
export async function handler(_event: unknown, { awsRequestId }: { readonly awsRequestId: string }): Promise<void> {
  const { fleet, engine, queue } = wiring();
  const correlationId = `sweep-${awsRequestId}`;
  const { targets, strangers } = await sweep(engine, fleet);
  const due = targets.filter(({ decision }) => decision.action !== 'wait');
  const left = strangers.filter((stranger) => !parseLedger(stranger).current?.removedAt);
  const missing = targets.filter(({ decision }) => decision.reason === 'secret-missing');
  const messages: { group: string; body: Message }[] = [
    ...due.map(({ target }) => ({ group: target.name, body: { target: target.name, correlationId } })),
    ...left.map(({ name }) => ({ group: 'strangers', body: { stranger: name, correlationId } })),
  ];
  await queue.send(
    messages.map(({ group, body }, index) => ({
      group,
      deduplicationId: `${awsRequestId}-${index}`,
      body: JSON.stringify(body),
    })),
  );
  for (const { target, decision } of missing)
    log('ERROR', { target: target.name, reason: decision.reason, message: decision.message });
  log('INFO', { swept: targets.length, due: due.length, strangers: left.length, missing: missing.length });
}
