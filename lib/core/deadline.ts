/** What a call ends with when its time is over. */
export class Overdue extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Settles when the work does, after `ms` milliseconds, or when the caller gives up, whichever comes first. The work gets a signal
 * that says so, and is not waited for: a library that overlooks it, or loses its own promise, holds up nobody. The timer keeps the
 * process alive; one that did not would let Node end it in the middle of the call, without a word.
 */
export function bounded<T>(ms: number, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  const over = new AbortController();
  return new Promise((resolve, reject) => {
    const end = (reason: unknown) => {
      reject(reason);
      over.abort(reason);
    };
    const givenUp = () => end(signal?.reason);
    const timer = setTimeout(() => end(new Overdue(`not done within ${ms} ms`)), ms);
    signal?.addEventListener('abort', givenUp, { once: true });
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', givenUp);
    };
    work(over.signal).then(resolve, reject).finally(settle);
  });
}
