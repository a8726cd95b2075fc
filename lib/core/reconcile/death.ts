import { RekeyError } from '../errors.ts';
import type { EventData } from '../events/index.ts';
import { formatLabel } from '../ids/label.ts';
import type { Version } from '../ledger/index.ts';
import { parseValue } from '../ledger/value.ts';
import type { ProviderCall, RevocableCredential } from '../provider.ts';
import { type Control, proveDead } from './prove.ts';
import { at, now, type Run } from './run.ts';
import { during } from './stage.ts';

/** The proof that a credential is dead, and the control that supports a refusal. */
export type Death = Omit<EventData<'Credential Revoked'>['proof'], 'at'>;

interface Ended {
  /** The run at the target's own place; the credential may live at a former one. */
  readonly own: Run;
  readonly call: ProviderCall<unknown, unknown>;
  readonly version: Version;
  readonly credential: RevocableCredential;
  /** It was disabled, and still exists at the provider. */
  readonly reversible: boolean;
}

/**
 * Proves that a credential is dead, once the provider has ended it: the registry refuses it, and
 * accepts the current one. If no current credential can serve as the control, the provider's word
 * supports the refusal. Throws the reason if there is no proof.
 */
export async function deathOf(run: Run, ended: Ended): Promise<Death> {
  const { registry, username, password, ...more } = ended.credential;
  if (!registry || !username || !password) return during('prove', () => gone(run, ended));
  const control = await controlOf(ended, registry);
  return during('prove', async () => {
    await proveDead(run, { ...more, registry, username, password }, control);
    return {
      kind: 'refused-by-registry',
      control: control ? 'current-credential' : await wordOf(run, ended),
    };
  });
}

/**
 * The control for a refusal: the current credential, if it is of the same registry. A retired
 * target, or one that moved, has none. A discarded candidate gets no control: no consumer ever had
 * it, and a registry that refuses every login must not block the removal of its labels.
 */
async function controlOf({ own, version }: Ended, registry: string): Promise<Control | undefined> {
  const { current } = own.record.ledger;
  if (version.discarded || !current?.credential) return undefined;
  const value = await own.record.read(current.id);
  const login = value && parseValue(value);
  if (login?.registry !== registry) return undefined;
  const stillCurrent = async () => {
    await own.record.refresh();
    if (own.record.ledger.current?.id !== current.id)
      throw new RekeyError(
        'lost-race',
        `another version of ${own.record.name} became current while a death was proven`,
      );
  };
  return { run: at(own, current), login, stillCurrent };
}

/**
 * Names the control of a refusal when there is no current credential. A disabled credential may
 * still be in the list, so the list is not checked for it.
 */
async function wordOf(run: Run, ended: Ended): Promise<'provider' | 'expiry'> {
  const { expiresAt } = ended.version.credential ?? {};
  if (expiresAt && expiresAt <= now(run)) return 'expiry';
  if (!ended.reversible) await notListed(run, ended);
  return 'provider';
}

/**
 * The proof for a credential that cannot be checked at the registry: its version has no value that
 * rekey wrote.
 */
async function gone(run: Run, ended: Ended): Promise<Death> {
  if (!run.provider.find) {
    throw new RekeyError(
      'secret-unreadable',
      `a superseded version of ${run.record.name} has no value that rekey wrote, ` +
        'so its end cannot be proven',
    );
  }
  await notListed(run, ended);
  return { kind: 'gone-at-provider' };
}

async function notListed(
  { provider, target, record }: Run,
  { call, credential, version }: Ended,
): Promise<void> {
  const label = formatLabel(target.fleet, record.ledger.arn, version.id);
  const listed = await provider.find?.(call, { label });
  if (listed?.some(({ id }) => id === credential.id))
    throw new RekeyError(
      'still-accepted',
      'the revoked credential is still in the provider’s list',
    );
}

/** As a label holds it until it can be announced. */
export const formatDeath = ({ kind, control }: Death): string =>
  control ? `${kind}+${control}` : kind;

/** Reads what `formatDeath` wrote. */
export function parseDeath(text: string): Death {
  const [kind, control] = text.split('+');
  return { kind, ...(control && { control }) } as Death;
}
