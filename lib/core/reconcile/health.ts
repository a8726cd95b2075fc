import { UNHEALTHY } from '../decide/index.ts';
import { labels, labelsOf, type Version } from '../ledger.ts';
import { parseValue } from '../value.ts';
import { ask } from './prove.ts';
import { now, publish, type Run, subject, type Transition } from './run.ts';

/**
 * Tries the current credential at the registry. Refused twice in a row, some minutes apart, it is announced as unhealthy, and
 * `decide` then rotates the target. An answer that is no verdict changes nothing.
 */
export const check: Transition = async (run, due) => {
  const current = subject(due);
  run.stage = 'check';
  const value = await run.record.read(current.id);
  const login = value && parseValue(value);
  // a value that somebody put by hand is not ours to judge
  if (!login || !current.credential) return;
  const { outcome } = await ask(run, login);
  if (outcome === 'refused') return refused(run, current, current.credential.id);
  const cleared = outcome === 'accepted' || outcome === 'lacks-rights';
  if (cleared) return recovered(run, current, current.credential.id);
  // asked again later, and not at once
  if (current.refused) await mark(run, current, current.refused.times);
};

async function refused(run: Run, current: Version, credentialId: string): Promise<void> {
  const times = Math.min((current.refused?.times ?? 0) + 1, UNHEALTHY);
  if (times >= UNHEALTHY && (current.refused?.times ?? 0) < UNHEALTHY) {
    const data = { versionId: current.id, credentialId, healthy: false, errorClass: 'refused' } as const;
    await publish(run, ['Health Changed', `${current.id} refused`, data]);
  }
  await mark(run, current, times);
}

async function recovered(run: Run, current: Version, credentialId: string): Promise<void> {
  if (!current.refused) return;
  if (current.refused.times >= UNHEALTHY) {
    const since = current.refused.at.toISOString();
    await publish(run, [
      'Health Changed',
      `${current.id} accepted ${since}`,
      { versionId: current.id, credentialId, healthy: true },
    ]);
  }
  for (const label of labelsOf(current, 'refused')) await run.record.remove(label, current.id);
}

const mark = (run: Run, current: Version, times: number): Promise<void> =>
  run.record.replace(labelsOf(current, 'refused'), labels.refused(current.id, now(run), times), current.id);
