import { parentPort } from 'node:worker_threads';
import type { Answer, Task } from './pool.ts';
import { effectsOf, play } from './scenario.ts';

async function done(task: Task): Promise<Answer> {
  if (task.kind === 'play') return { result: await play(task.scenario, task.seed) };
  try {
    return { effects: await effectsOf(task.provider, task.transition) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', async (task: Task) => parentPort?.postMessage(await done(task)));
