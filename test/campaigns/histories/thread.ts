import { parentPort } from 'node:worker_threads';
import { search, type Task } from './search.ts';

parentPort?.on('message', async (task: Task) => parentPort?.postMessage(await search(task)));
