import type { Account } from './account.ts';
import { cleanUp } from './clean-up.ts';
import { printer, since, textOf } from './report.ts';
import { openSession } from './session.ts';
import { steps } from './steps.ts';

interface Options {
  readonly print: (line: string) => void;
  /** Ends the steps; the run then cleans up. */
  readonly signal: AbortSignal;
  /** Ends the cleaning up, too. */
  readonly cleaning: AbortSignal;
}

/** The result of a run. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** A sentence about each credential that is left, or may be. */
  readonly left: readonly string[];
  /** Nothing failed, and everything was revoked that the provider can revoke. */
  readonly good: boolean;
}

/**
 * Runs the contract of a provider against the real vendor, on labels of its own, and revokes
 * all that it has issued, also after a failure or an interruption. Prints one line a step.
 */
export async function checkLive(
  account: Account,
  { print: raw, signal, cleaning }: Options,
): Promise<Outcome> {
  const { clock, provider, secrets } = account;
  const print = printer(raw, secrets);
  const session = openSession(account, signal);
  const count = { passed: 0, failed: 0, skipped: 0 };
  print(`live: ${provider.name}; the labels of this run begin with ${session.prefix}`);
  for (const { name, skip, run } of steps) {
    if (signal.aborted) break;
    const why = skip?.(session);
    if (why !== undefined) {
      count.skipped += 1;
      print(`skipped ${name}: ${why}`);
      continue;
    }
    const begun = clock.now();
    try {
      await run(session);
      count.passed += 1;
      print(`ok      ${name}, ${since(begun, clock.now())}`);
    } catch (error) {
      count.failed += 1;
      const text = signal.aborted ? 'interrupted' : textOf(error);
      print(`FAILED  ${name}, ${since(begun, clock.now())}: ${text}`);
      // every other step would fail, and each wrong call may lock the account
      if (!session.checked) break;
    }
  }
  session.signal = cleaning;
  const left = await cleanUp(session);
  for (const sentence of left) print(`left    ${sentence}`);
  const { passed, failed, skipped } = count;
  print(
    `live: ${passed} passed, ${failed} failed, ${skipped} skipped, ` +
      `${left.length === 0 ? 'nothing' : left.length} left behind`,
  );
  const clean = provider.revoke === undefined || left.length === 0;
  return { ...count, left, good: failed === 0 && clean && !signal.aborted };
}
