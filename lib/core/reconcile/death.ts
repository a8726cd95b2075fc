import { RekeyError } from '../errors.ts';
import type { EventData } from '../events/index.ts';
import { formatLabel } from '../ids/label.ts';
import type { Version } from '../ledger/index.ts';
import { parseValue } from '../ledger/value.ts';
import type { ProviderCall, RevocableCredential } from '../provider.ts';
import { type Control, proveDead } from './prove.ts';
import { at, now, type Run } from './run.ts';
import { during } from './stage.ts';

/** How it is known that a credential is dead, and what stands beside a refusal. */
export type Death = Omit<EventData<'Credential Revoked'>['proof'], 'at'>;

interface Ended {
  /** The run at the target's own place: the credential may have lived at a former one. */
  readonly own: Run;
  readonly call: ProviderCall<unknown, unknown>;
  readonly version: Version;
  readonly credential: RevocableCredential;
  /** It was disabled, and is there still. */
  readonly reversible: boolean;
}

/**
 * Proves that a credential is dead, once the provider has ended it: the registry refuses it, and
 * accepts the current one. Where there is no current one to compare it with, the provider's own
 * word stands beside the refusal. Throws what keeps it from being proven.
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
 * The current credential, at the same registry. There is none of a retired target, or of one that
 * moved. Nobody was ever given a candidate that was discarded, perhaps because its registry refuses
 * everybody: that must not keep its labels.
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
 * Whose word it is besides the registry's. A disabled one may be in the list still; that it was
 * disabled is the provider's word.
 */
async function wordOf(run: Run, ended: Ended): Promise<'provider' | 'expiry'> {
  const { expiresAt } = ended.version.credential ?? {};
  if (expiresAt && expiresAt <= now(run)) return 'expiry';
  if (!ended.reversible) await notListed(run, ended);
  return 'provider';
}

/** It cannot be tried at the registry: its value is not one that rekey wrote. */
async function gone(run: Run, ended: Ended): Promise<Death> {
  if (!run.provider.find) {
    const message = `a superseded version of ${run.record.name} has no value that rekey wrote, so its end cannot be proven`;
    throw new RekeyError('secret-unreadable', message);
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

/** As it stands in a label until it can be announced. */
export const formatDeath = ({ kind, control }: Death): string =>
  control ? `${kind}+${control}` : kind;

export function parseDeath(text: string): Death {
  const [kind, control] = text.split('+');
  return { kind, ...(control && { control }) } as Death;
}
