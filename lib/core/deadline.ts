/** What a call ends with when its time is over. */
export class Overdue extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Settles when the work does, after `ms` milliseconds, or when a caller gives up, whichever comes
 * first. The work gets a signal that says so, and is not waited for: a library that overlooks it,
 * or loses its own promise, holds up nobody. The timer keeps the process alive; one that did not
 * would let Node end it in the middle of the call, without a word.
 */
export function bounded<T>(
  ms: number,
  signals: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const given = signals.filter((signal) => signal !== undefined);
  const over = new AbortController();
  return new Promise((resolve, reject) => {
    const end = (reason: unknown) => {
      reject(reason);
      over.abort(reason);
    };
    const aborted = given.find((signal) => signal.aborted);
    if (aborted) return end(aborted.reason);
    const givenUp = ({ target }: Event) => end((target as AbortSignal).reason);
    const timer = setTimeout(() => end(new Overdue(`not done within ${ms} ms`)), ms);
    for (const signal of given) signal.addEventListener('abort', givenUp, { once: true });
    const settle = () => {
      clearTimeout(timer);
      for (const signal of given) signal.removeEventListener('abort', givenUp);
    };
    work(over.signal).then(resolve, reject).finally(settle);
  });
}
