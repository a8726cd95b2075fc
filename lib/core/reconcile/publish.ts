import { RekeyError } from '../errors.ts';
import { type DetailType, type EventData, event } from '../events/index.ts';
import { now, type Run } from './run.ts';

/** An event of a run: [type, transition, data without the subject]. */
export type Announcement = {
  [Type in DetailType]: readonly [
    Type,
    transition: string,
    data: Omit<EventData<Type>, 'provider' | 'secretArn'> & { readonly provider?: string },
  ];
}[DetailType];

/** Publishes events of this run. */
export async function publish(run: Run, ...events: readonly Announcement[]): Promise<void> {
  const { engine, target, correlationId, provider, record, signal } = run;
  const context = { fleet: target.fleet, target: target.name, time: now(run), correlationId };
  const subject = { provider: provider.name, secretArn: record.ledger.arn };
  await engine.events.publish(
    events.map(([type, transition, data]) =>
      event(type, transition, context, { ...subject, ...data } as EventData<typeof type>),
    ),
    signal,
  );
}

/** Resolves to false if the event bus did not accept the events. */
export async function taken(publishing: Promise<void>): Promise<boolean> {
  try {
    await publishing;
    return true;
  } catch (error) {
    if (error instanceof RekeyError && error.code === 'events-failed') return false;
    throw error;
  }
}
