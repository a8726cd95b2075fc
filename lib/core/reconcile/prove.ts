import { type ErrorCode, RekeyError } from '../errors.ts';
import type { Credential, RegistryQuestion, Verdict } from '../ports.ts';
import { SECOND } from '../time.ts';
import { now, type Run } from './run.ts';

type Login = Omit<Credential, 'id'>;

/** Asks the registry, again and again up to the target's bound, until it accepts a fresh credential. */
export async function proveAccepted(run: Run, login: Login): Promise<void> {
  run.progress.stage = 'verify';
  const verdict = await poll(run, login, (found) => found.outcome === 'accepted');
  if (verdict.outcome !== 'accepted') throw failure(verdict, 'the fresh credential', 'refused');
}

/**
 * Asks the registry, again and again up to the target's bound, until it refuses a revoked credential: with the question that
 * it answered with yes, since some registries give a token without rights to anybody who asks for none.
 */
export async function proveDead(run: Run, login: Login): Promise<void> {
  run.progress.stage = 'prove';
  const verdict = await poll(run, login, (found) => found.outcome === 'refused');
  if (verdict.outcome !== 'refused') throw failure(verdict, 'the revoked credential', 'still-accepted');
}

/** Asks the registry once. */
export const ask = (run: Run, login: Login): Promise<Verdict> => run.engine.registry.check(questionOf(run, login), run.signal);

function questionOf({ target, provider }: Run, { registry, username, password, bearer }: Login): RegistryQuestion {
  const { access, manifest } = target.verify;
  return { registry, username, password, bearer, realms: provider.realms, access, manifest };
}

async function poll(run: Run, login: Login, wanted: (verdict: Verdict) => boolean): Promise<Verdict> {
  const { engine, target, signal } = run;
  const question = questionOf(run, login);
  const until = now(run).getTime() + target.verify.within;
  for (let pause = SECOND; ; pause = Math.min(pause * 2, 15 * SECOND)) {
    const verdict = await engine.registry.check(question, signal);
    if (wanted(verdict)) return verdict;
    const wait = Math.max(pause, verdict.outcome === 'unknown' ? (verdict.retryAfter ?? 0) : 0);
    if (now(run).getTime() + wait > until) return verdict;
    await engine.clock.sleep(wait, signal);
  }
}

function failure(verdict: Verdict, what: string, wrong: ErrorCode): RekeyError {
  if (verdict.outcome === 'unknown') {
    return new RekeyError('unproven', `the registry gave no verdict on ${what}: ${verdict.cause}`, {
      retryAfter: verdict.retryAfter,
    });
  }
  if (verdict.outcome === 'lacks-rights' && wrong === 'refused') {
    return new RekeyError('lacks-rights', `the registry accepts ${what} without the right to ${verdict.missing.join(', ')}`);
  }
  return new RekeyError(wrong, `the registry ${wrong === 'refused' ? 'refuses' : 'still accepts'} ${what}`);
}
