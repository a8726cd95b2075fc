import { type ErrorCode, RekeyError } from '../errors.ts';
import type { Login } from '../login.ts';
import type { RegistryQuestion, Verdict } from '../ports.ts';
import { realmsOf } from './call.ts';
import { poll } from './poll.ts';
import type { Run } from './run.ts';

/**
 * Checks a fresh credential at the registry until it is accepted, or the target's bound is over.
 * Throws `refused`, `lacks-rights` or `unproven`.
 */
export async function proveAccepted(run: Run, login: Login): Promise<void> {
  const { done, verdict } = await poll(run, run.target.verify.within, async () => {
    const answer = await checkLogin(run, login);
    return lookOf(answer, answer.outcome === 'accepted');
  });
  if (!done) throw failure(verdict, 'the fresh credential', 'refused');
}

/** The control for a refusal: the current credential, which the same registry must accept. */
export interface Control {
  readonly run: Run;
  readonly login: Login;
  /** Throws `lost-race` if another version has become current since. */
  readonly stillCurrent: () => Promise<void>;
}

/**
 * Checks a revoked credential at the registry until it is refused, or the target's bound is over.
 * The registry must accept the control in the same minute: a registry that refuses every login
 * proves nothing. Throws `still-accepted` or `unproven`.
 */
export async function proveDead(
  run: Run,
  login: Login,
  control: Control | undefined,
): Promise<void> {
  const { done, verdict } = await poll(run, run.target.verify.within, async () => {
    const answer = await checkLogin(run, login);
    const refused = answer.outcome === 'refused';
    return lookOf(answer, await isConfirmed(refused, control));
  });
  if (!done && verdict.outcome === 'refused')
    throw new RekeyError(
      'unproven',
      'the registry refuses the revoked credential, but does not accept the current one either',
    );
  if (!done) throw failure(verdict, 'the revoked credential', 'still-accepted');
}

/** A refusal counts only if the same registry accepts the control. */
async function isConfirmed(refused: boolean, control: Control | undefined): Promise<boolean> {
  if (!refused || !control) return refused;
  const known = isKnown(await checkLogin(control.run, control.login));
  // another worker may have superseded and revoked the control itself
  if (!known) await control.stillCurrent();
  return known;
}

const lookOf = (verdict: Verdict, done: boolean) => ({
  done,
  verdict,
  retryAfter: verdict.outcome === 'unknown' ? verdict.retryAfter : undefined,
});

/** True if the registry knows the login, even without the rights that are wanted. */
const isKnown = ({ outcome }: Verdict): boolean =>
  outcome === 'accepted' || outcome === 'lacks-rights';

/** Checks a login at the registry once. */
export const checkLogin = (run: Run, login: Login): Promise<Verdict> =>
  run.engine.registry.check(questionOf(run, login), run.signal);

function questionOf(
  { engine, target }: Run,
  { registry, username, password, bearer }: Login,
): RegistryQuestion {
  const { access, manifest } = target.verify;
  const realms = realmsOf(engine, target);
  return { registry, username, password, bearer, realms, access, manifest };
}

function failure(verdict: Verdict, what: string, wrong: ErrorCode): RekeyError {
  if (verdict.outcome === 'unknown') {
    const { cause, retryAfter } = verdict;
    const advice =
      cause === 'open-to-all'
        ? '; it also accepts a made-up login: set verify.repository to a private repository'
        : '';
    return new RekeyError(
      'unproven',
      `the registry gave no verdict on ${what}: ${cause}${advice}`,
      { retryAfter },
    );
  }
  if (verdict.outcome === 'lacks-rights' && wrong === 'refused') {
    return new RekeyError(
      'lacks-rights',
      `the registry accepts ${what} without the right to ${verdict.missing.join(', ')}`,
    );
  }
  return new RekeyError(
    wrong,
    `the registry ${wrong === 'refused' ? 'refuses' : 'still accepts'} ${what}`,
  );
}
