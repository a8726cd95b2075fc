/** Work that continues after a request was answered: rotations, deliveries. */
export interface Background {
  /** Starts the work. Swallows a rejection, because the request is already answered. */
  start(work: (signal: AbortSignal) => Promise<unknown>): void;
  /** Resolves when no work is in progress. */
  idle(): Promise<void>;
  /** Aborts waiting work, and waits for the rest. */
  close(): Promise<void>;
}

/** Starts with no work. The signal that each piece of work receives is aborted by `close`. */
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
