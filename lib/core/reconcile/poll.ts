import { SECOND } from '../time.ts';
import { now, type Run } from './run.ts';

/** The result of one look. */
interface Seen {
  readonly done: boolean;
  /** Milliseconds until the next look, as requested by the other side. */
  readonly retryAfter?: number | undefined;
}

/**
 * Repeats a look until it is `done`, for at most `within` milliseconds. The pause doubles from one
 * to fifteen seconds. Resolves to the last look.
 */
export async function poll<Look extends Seen>(
  run: Run,
  within: number,
  look: () => Promise<Look>,
): Promise<Look> {
  const until = now(run).getTime() + within;
  for (let pause = SECOND; ; pause = Math.min(pause * 2, 15 * SECOND)) {
    const seen = await look();
    const wait = Math.max(pause, seen.retryAfter ?? 0);
    if (seen.done || now(run).getTime() + wait > until) return seen;
    await run.engine.clock.sleep(wait, run.signal);
  }
}
