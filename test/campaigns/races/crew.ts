import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, Report } from './job.ts';

export interface Crew {
  /** Starts all workers, or that many, at once. Resolves when the last one has ended. */
  round(job: Job, count?: number): Promise<Report[]>;
  close(): void;
}

/** That many worker processes. */
export function createCrew(size: number): Crew {
  const workers = Array.from({ length: size }, () =>
    fork(fileURLToPath(new URL('./worker.ts', import.meta.url))),
  );
  return {
    round: (job, count = size) =>
      Promise.all(workers.slice(0, count).map((worker) => one(worker, job))),
    close() {
      for (const worker of workers) worker.kill();
    },
  };
}

function one(worker: ChildProcess, job: Job): Promise<Report> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('a worker process ended in the middle of a round'));
    worker.once('exit', gone);
    worker.once('message', (report: Report) => {
      worker.off('exit', gone);
      resolve(report);
    });
    worker.send(job);
  });
}
