/** Work that goes on after a request was answered: rotations, deliveries. */
export interface Background {
  /**
   * Starts the work; what it rejects with is swallowed, as the caller who would want to know is
   * long gone.
   */
  start(work: (signal: AbortSignal) => Promise<unknown>): void;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
  /** Aborts what is waiting, and waits for the rest. */
  close(): Promise<void>;
}

export function createBackground(): Background {
  const abort = new AbortController();
  const running = new Set<Promise<unknown>>();
  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.all(running);
  }
  return {
    start(work) {
      const one: Promise<unknown> = Promise.resolve()
        .then(() => work(abort.signal))
        .catch(() => undefined)
        .finally(() => running.delete(one));
      running.add(one);
    },
    idle,
    async close() {
      abort.abort();
      await idle();
    },
  };
}
