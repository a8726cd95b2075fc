import { createHash } from 'node:crypto';
import { UNHEALTHY } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import { labels, labelsOf, type Version } from '../ledger/index.ts';
import { parseValue } from '../ledger/value.ts';
import { checkLogin } from './prove.ts';
import { publish } from './publish.ts';
import { now, type Run, subject, type Transition } from './run.ts';

/**
 * Count of refusals that stands for a confirmed and announced one: the registry was checked once
 * more, right before a successor was issued.
 */
const BELIEVED = UNHEALTHY + 1;

/**
 * Checks the current credential at the registry. After two refusals in a row, some minutes apart,
 * `decide` considers it unhealthy. An inconclusive answer changes nothing.
 */
export const check: Transition = async (run, due) => {
  const current = subject(due);
  const answer = await tried(run, current);
  if (!answer) return;
  const { outcome, host } = answer;
  if (outcome === 'refused') return mark(run, current, suspected(current), host);
  if (outcome === 'accepted' || outcome === 'lacks-rights') return recovered(run, current);
  // checked again later, and not at once
  if (current.refused) await mark(run, current, current.refused.times, host);
};

/**
 * Checks the registry once more before a successor is issued: it may have recovered since. A
 * confirmed refusal is announced. Resolves to false if the credential is no longer refused, so
 * nothing is to be issued. Throws `unproven` for an inconclusive answer.
 */
export async function stillRefused(run: Run): Promise<boolean> {
  const { current } = run.record.ledger;
  const answer = current && (await tried(run, current));
  if (!current || !answer) return true;
  const { outcome, host } = answer;
  if (outcome === 'refused') {
    await unhealthy(run, current, host);
    return true;
  }
  if (outcome === 'accepted' || outcome === 'lacks-rights') await recovered(run, current);
  else
    throw new RekeyError(
      'unproven',
      `the registry gave no verdict on the current credential of ${run.record.name}`,
    );
  return false;
}

/** A confirmed refusal stays confirmed until the registry accepts the credential. */
const suspected = ({ refused }: Version): number => {
  const times = refused?.times ?? 0;
  return times >= BELIEVED ? BELIEVED : Math.min(times + 1, UNHEALTHY);
};

/**
 * The verdict of the registry on the current credential; `undefined` for a value that rekey did not
 * write.
 */
async function tried(run: Run, current: Version) {
  const value = await run.record.read(current.id);
  const login = value && parseValue(value);
  if (!login || !current.credential) return undefined;
  const { outcome } = await checkLogin(run, login);
  return { outcome, host: createHash('sha256').update(login.registry).digest('hex').slice(0, 8) };
}

async function unhealthy(run: Run, current: Version, host: string): Promise<void> {
  const { times = 0, at } = current.refused ?? {};
  if (times >= BELIEVED || !current.credential) return;
  const data = {
    versionId: current.id,
    credentialId: current.credential.id,
    healthy: false,
    errorClass: 'refused',
  } as const;
  await publish(run, ['Health Changed', `${current.id} refused ${at?.toISOString()}`, data]);
  await mark(run, current, BELIEVED, host);
}

async function recovered(run: Run, current: Version): Promise<void> {
  const { refused, credential } = current;
  if (!refused || !credential) return;
  if (refused.times >= BELIEVED) {
    await publish(run, [
      'Health Changed',
      `${current.id} accepted ${refused.at.toISOString()}`,
      { versionId: current.id, credentialId: credential.id, healthy: true },
    ]);
  }
  for (const label of labelsOf(current, 'refused')) await run.record.remove(label, current.id);
}

const mark = (run: Run, current: Version, times: number, host: string): Promise<void> =>
  run.record.replace(
    labelsOf(current, 'refused'),
    labels.refused(current.id, now(run), times, host),
    current.id,
  );
