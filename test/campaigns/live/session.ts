import { randomBytes, randomUUID } from 'node:crypto';
import { RekeyError } from '../../../lib/core/errors.ts';
import type { Verdict } from '../../../lib/core/ports.ts';
import type { Credential, FoundCredential, ProviderCall } from '../../../lib/core/provider.ts';
import { DAY, formatDuration, plus, SECOND } from '../../../lib/core/time.ts';
import type { Account } from './account.ts';

/** An expectation that the vendor or the registry did not meet. Its text holds no secret. */
export class Unmet extends Error {}

/** A credential that was asked for. */
export interface Wanted {
  readonly label: string;
  /** Absent: the request got no answer, or it was refused. */
  credential?: Credential;
  /** The request may have been carried out without an answer. */
  unanswered: boolean;
  /** It was revoked, and the vendor said so. */
  ended: boolean;
}

/** One run of the check: what it has issued, and how it asks. */
export interface Session {
  readonly account: Account;
  /** The labels of this run, and of nothing else, begin with it. */
  readonly prefix: string;
  readonly wanted: Wanted[];
  /** Ends the calls. The cleaning up gets another one. */
  signal: AbortSignal;
  /** `check` has succeeded, so the others may follow. */
  checked: boolean;
  call(admin?: unknown): ProviderCall<unknown, unknown>;
  issue(predecessor?: string): Promise<Credential>;
  find(): Promise<readonly FoundCredential[]>;
  revoke(wanted: Wanted): Promise<void>;
  /** Asks the registry until it gives this verdict, or the bound is over. */
  expectVerdict(outcome: 'accepted' | 'refused', credential: Credential): Promise<void>;
  /** Repeats a look until it is met, or the bound is over; then throws what is missing. */
  until(look: () => Promise<string | undefined>): Promise<void>;
}

/** How often the vendor and the registry are asked again. */
const PAUSE = 5 * SECOND;

/** The end of credentials that can be given one, in case no one revokes them. */
const LIFE = DAY;

/** A run under labels that no other run, and no fleet, has. */
export function openSession(account: Account, signal: AbortSignal): Session {
  const { provider, clock, within } = account;
  const session: Session = {
    account,
    prefix: `rekey-live-${randomBytes(6).toString('hex')}-`,
    wanted: [],
    signal,
    checked: false,

    call: (admin = account.admin) => ({
      params: account.params,
      admin,
      endpoint: account.address.endpoint,
      registry: account.address.registry,
      http: account.http,
      now: clock.now,
      signal: session.signal,
    }),

    async issue(predecessor) {
      const label = `${session.prefix}${randomUUID().replaceAll('-', '')}`;
      const wanted: Wanted = { label, unanswered: true, ended: false };
      session.wanted.push(wanted);
      const expiresAt = provider.capabilities.expiry ? plus(clock.now(), LIFE) : undefined;
      try {
        wanted.credential = await provider.issue(session.call(), { label, expiresAt, predecessor });
        wanted.unanswered = false;
        return wanted.credential;
      } catch (error) {
        wanted.unanswered = !(error instanceof RekeyError) || lost.has(error.code);
        throw error;
      }
    },

    find: async () => (await provider.find?.(session.call(), { prefix: session.prefix })) ?? [],

    async revoke(wanted) {
      if (!provider.revoke || !wanted.credential) return;
      await provider.revoke(session.call(), wanted.credential);
      wanted.ended = true;
    },

    expectVerdict: (outcome, credential) =>
      session.until(async () => {
        const verdict = await account.registry.check(question(account, credential), session.signal);
        return verdict.outcome === outcome ? undefined : `the registry ${says(verdict)}`;
      }),

    async until(look) {
      const end = clock.now().getTime() + within;
      for (;;) {
        const missing = await look();
        if (missing === undefined) return;
        if (clock.now().getTime() + PAUSE > end)
          throw new Unmet(`${missing}, ${formatDuration(within)} later`);
        await clock.sleep(PAUSE, session.signal);
      }
    },
  };
  return session;
}

/** Codes of errors after which a credential may still exist. */
const lost = new Set<string>(['unreachable', 'provider-failed', 'bad-answer', 'internal']);

const question = (account: Account, { registry, ...login }: Credential) => ({
  registry: account.host ?? registry,
  ...{ username: login.username, password: login.password, bearer: login.bearer },
  ...{ realms: account.address.realms, access: account.access },
});

function says(verdict: Verdict): string {
  if (verdict.outcome === 'unknown') return `gives no verdict (${verdict.cause})`;
  if (verdict.outcome === 'lacks-rights')
    return `accepts the login without ${verdict.missing.join(', ') || 'these rights'}`;
  return verdict.outcome === 'accepted' ? 'accepts it' : 'refuses it';
}
