/** The error of a call whose time is over. */
export class Overdue extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Settles when the work settles, after `ms` milliseconds, or when one of the signals aborts: at the
 * first of these. The work gets a signal that aborts then, and is not waited for: a library that
 * overlooks the signal, or never settles its promise, blocks no caller. The timer keeps the process
 * alive; with an unreferenced one, Node would exit silently in the middle of the call. Throws
 * `Overdue` after `ms`, or the reason of the signal.
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
