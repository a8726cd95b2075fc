import { parentPort } from 'node:worker_threads';
import { explore, type Task } from './search.ts';

parentPort?.on('message', async (task: Task) => parentPort?.postMessage(await explore(task)));
