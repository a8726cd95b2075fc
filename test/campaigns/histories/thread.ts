import { parentPort } from 'node:worker_threads';
import { differing, type Lived, search, type Task } from './search.ts';

parentPort?.on('message', async (task: Task | Lived) =>
  parentPort?.postMessage(await ('life' in task ? differing(task) : search(task))),
);
