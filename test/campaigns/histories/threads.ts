import { Worker } from 'node:worker_threads';

/**
 * Distributes tasks to that many threads of a module that answers each message with one message.
 * Reports each answer.
 */
export async function inThreads<Task, Answer>(
  module: URL,
  tasks: readonly Task[],
  size: number,
  told: (answer: Answer, task: Task) => void,
): Promise<void> {
  const left = [...tasks];
  const serve = async () => {
    const thread = new Worker(module);
    for (let task = left.shift(); task !== undefined; task = left.shift())
      told(await ask<Task, Answer>(thread, task), task);
    await thread.terminate();
  };
  await Promise.all(Array.from({ length: Math.min(size, tasks.length) }, serve));
}

function ask<Task, Answer>(thread: Worker, task: Task): Promise<Answer> {
  return new Promise((resolve, reject) => {
    thread.removeAllListeners();
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('a thread ended before its task')));
    thread.postMessage(task);
  });
}
