import { Worker } from 'node:worker_threads';
import type { Result, Scenario } from './scenario.ts';

/** The tasks of a thread, and their answers. */
export type Task =
  | { readonly kind: 'count'; readonly provider: string; readonly transition: string }
  | { readonly kind: 'play'; readonly scenario: Scenario; readonly seed: string };
export type Answer = {
  readonly effects?: number | undefined;
  readonly result?: Result;
  readonly problem?: string;
};

/** Threads that run tasks, each in a world of its own. */
export function createPool(size: number) {
  const idle = Array.from(
    { length: size },
    () => new Worker(new URL('./thread.ts', import.meta.url)),
  );

  /** Runs all tasks. Returns the answers in the order of the tasks. */
  async function all(
    tasks: readonly Task[],
    done: (answer: Answer) => void = () => {},
  ): Promise<Answer[]> {
    const answers: Answer[] = [];
    let next = 0;
    const serve = async (thread: Worker) => {
      for (let index = next++; index < tasks.length; index = next++) {
        const answer = await ask(thread, tasks[index]);
        answers[index] = answer;
        done(answer);
      }
    };
    await Promise.all(idle.map(serve));
    return answers;
  }

  const close = async () => void (await Promise.all(idle.map((thread) => thread.terminate())));
  return { all, close };
}

function ask(thread: Worker, task: Task | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answered = (answer: Answer) => {
      thread.off('error', failed).off('exit', ended);
      resolve(answer);
    };
    const failed = (error: unknown) => reject(error);
    const ended = () => reject(new Error('a thread ended before its task'));
    thread.once('message', answered).once('error', failed).once('exit', ended);
    thread.postMessage(task);
  });
}
