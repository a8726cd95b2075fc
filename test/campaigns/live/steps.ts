import { RekeyError } from '../../../lib/core/errors.ts';
import type { Credential } from '../../../lib/core/provider.ts';
import { type Session, Unmet, type Wanted } from './session.ts';

/** One line of the output. */
export interface Step {
  readonly name: string;
  /** Why it does not apply, or cannot run after an earlier failure; else `undefined`. */
  readonly skip?: (session: Session) => string | undefined;
  readonly run: (session: Session) => Promise<void>;
}

type Method = 'find' | 'revoke' | 'enable';

/** Skips a step that needs a method which the provider has not, or an earlier credential. */
const needs =
  (methods: readonly Method[], credentials = 0) =>
  ({ account: { provider }, wanted }: Session): string | undefined => {
    const lacking = methods.find((method) => !provider[method]);
    if (lacking) return `the provider has no ${lacking}`;
    if (credentials === 2 && isAlone({ provider })) return 'one credential may be alive at once';
    const issued = wanted.filter(({ credential }) => credential).length;
    return issued < credentials ? 'it needs a credential that was not issued' : undefined;
  };

/** Skips a step that is about a credential after its revocation. */
const needsEnd =
  (methods: readonly Method[] = [], credentials = 1) =>
  (session: Session): string | undefined =>
    needs(['revoke', ...methods], credentials)(session) ??
    (issued(session, 0).ended ? undefined : 'the revocation failed');

const isAlone = ({ provider }: Pick<Session['account'], 'provider'>): boolean =>
  provider.capabilities.liveAtOnce < 2;

/** The first or the second credential that was issued; `needs` has checked that there is one. */
function issued({ wanted }: Session, which: 0 | 1): Wanted & { readonly credential: Credential } {
  const all = wanted.filter((one) => one.credential !== undefined);
  return all[which] as Wanted & { readonly credential: Credential };
}

/** Looks until exactly these credentials are listed. */
const expectListed = (session: Session, expected: readonly Wanted[]): Promise<void> =>
  session.until(async () => {
    const found = await session.find();
    const ids = (list: readonly ({ readonly id: string } | undefined)[]) =>
      list
        .map((one) => one?.id)
        .sort()
        .join(' ');
    if (ids(found) === ids(expected.map(({ credential }) => credential))) return undefined;
    return `find returns ${found.length} credentials of this run instead of ${expected.length}`;
  });

/** The contract, in an order that leaves as little alive as possible. */
export const steps: readonly Step[] = [
  {
    name: 'check accepts the admin credential',
    async run(session) {
      await session.account.provider.check(session.call());
      session.checked = true;
    },
  },
  {
    name: 'find returns nothing under new labels',
    skip: needs(['find']),
    run: (session) => expectListed(session, []),
  },
  {
    name: 'issue returns a credential',
    run: async (session) => void (await session.issue()),
  },
  {
    name: 'the registry accepts it',
    skip: needs([], 1),
    run: (session) => session.expectVerdict('accepted', issued(session, 0).credential),
  },
  {
    name: 'find returns it',
    skip: needs(['find'], 1),
    run: (session) => expectListed(session, [issued(session, 0)]),
  },
  {
    name: 'issue returns a second credential, and the first stays alive',
    skip: (session) =>
      needs([], 1)(session) ??
      (isAlone(session.account) ? 'one credential may be alive at once' : undefined),
    async run(session) {
      const first = issued(session, 0).credential;
      const second = await session.issue(first.id);
      await session.expectVerdict('accepted', second);
      await session.expectVerdict('accepted', first);
    },
  },
  {
    name: 'revoke ends the first',
    skip: needs(['revoke'], 1),
    run: (session) => session.revoke(issued(session, 0)),
  },
  {
    name: 'find no longer returns it',
    skip: needsEnd(['find']),
    run: (session) =>
      expectListed(
        session,
        session.wanted.filter(({ credential, ended }) => credential && !ended),
      ),
  },
  {
    name: 'the registry refuses it',
    skip: needsEnd(),
    run: (session) => session.expectVerdict('refused', issued(session, 0).credential),
  },
  {
    name: 'the registry still accepts the second',
    skip: needsEnd([], 2),
    run: (session) => session.expectVerdict('accepted', issued(session, 1).credential),
  },
  {
    name: 'revoke succeeds for a credential that no longer exists',
    skip: needsEnd(),
    run: (session) => session.revoke(issued(session, 0)),
  },
  {
    name: 'enable suspends the second, and restores it',
    skip: needs(['enable'], 2),
    async run(session) {
      const { credential } = issued(session, 1);
      const { provider } = session.account;
      await provider.enable?.(session.call(), credential, false);
      await session.expectVerdict('refused', credential);
      await provider.enable?.(session.call(), credential, true);
      await session.expectVerdict('accepted', credential);
    },
  },
  {
    name: 'a wrong admin credential is refused',
    skip: ({ account }) =>
      account.wrongAdmin === undefined ? 'every other secret has another form' : undefined,
    async run(session) {
      const { provider, wrongAdmin } = session.account;
      const error = await provider.check(session.call(wrongAdmin)).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) throw new Unmet('check accepts it');
      if (!(error instanceof RekeyError)) throw error;
      if (error.code !== 'admin-refused')
        throw new Unmet(`the error is ${error.code} instead of admin-refused: ${error.message}`);
    },
  },
];
