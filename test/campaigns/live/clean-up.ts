import { SECOND } from '../../../lib/core/time.ts';
import { textOf } from './report.ts';
import type { Session, Wanted } from './session.ts';

/** How often the list is read: a vendor may show a change late. */
const LOOKS = 4;
const PAUSE = 5 * SECOND;

/**
 * Revokes every credential of the run, and returns a sentence about each that may be left. It needs
 * a signal that an interruption of the steps has not ended.
 */
export async function cleanUp(session: Session): Promise<readonly string[]> {
  const { wanted, account, prefix } = session;
  const { provider } = account;
  if (wanted.length === 0) return [];
  const failures = new Map<Wanted, string>();
  for (const one of wanted.filter(({ ended }) => !ended))
    await session.revoke(one).catch((error: unknown) => void failures.set(one, textOf(error)));
  if (!provider.find || !provider.revoke) return wanted.flatMap((one) => remains(one, failures));
  try {
    const left = await emptied(session);
    const named = left.map((id) => `the credential ${id} is still listed; delete it at the vendor`);
    const unseen = wanted.filter(
      (one) => failures.has(one) && !one.ended && !left.includes(idOf(one)),
    );
    return [...named, ...unseen.flatMap((one) => remains(one, failures))];
  } catch (error) {
    return [
      `credentials may be left: delete those whose label begins with ${prefix} at the vendor ` +
        `(${textOf(error)})`,
    ];
  }
}

const idOf = ({ credential }: Wanted): string => credential?.id ?? '';

/** Revokes what is listed until nothing is, and returns the ids that stay. */
async function emptied(session: Session): Promise<readonly string[]> {
  const { account, wanted, prefix } = session;
  const unsure = wanted.some(({ unanswered }) => unanswered);
  // a provider in the making may return more than it was asked for
  const found = async () =>
    (await session.find()).filter(({ label }) => label.startsWith(prefix)).map(({ id }) => id);
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await account.clock.sleep(PAUSE, session.signal);
    const ids = await found();
    if (ids.length === 0 && !unsure) return [];
    for (const id of ids) {
      const own = wanted.find((one) => idOf(one) === id);
      const revoked = own ? session.revoke(own) : account.provider.revoke?.(session.call(), { id });
      await revoked?.catch(() => {});
    }
  }
  return found();
}

function remains(one: Wanted, failures: ReadonlyMap<Wanted, string>): string[] {
  const { label, credential, unanswered, ended } = one;
  if (unanswered)
    return [`a credential may have been issued as ${label}; look for it at the vendor`];
  if (!credential || ended) return [];
  const end =
    credential.expiresAt && `it ends automatically at ${credential.expiresAt.toISOString()}`;
  const why = failures.get(one);
  const rest = [end, why && `revoke: ${why}`].filter((text) => text).join('; ');
  return [`the credential ${credential.id} is left${rest && `: ${rest}`}`];
}
