import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Ask } from '../../lib/cli/init/ask.ts';
import { init } from '../../lib/cli/init/run.ts';
import { run } from '../../lib/cli/program.ts';
import { warpClock } from '../../lib/sandbox/clock.ts';
import { T0 } from './snapshot.ts';

const none = () => {
  throw new Error('rekey init needs no fleet and no connection');
};

/** An empty folder in which `rekey init` runs, without a terminal or with a person who answers. */
export function initIn(name = 'rekey-init') {
  const parent = mkdtempSync(join(tmpdir(), 'rekey-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const folder = join(parent, name);
  mkdirSync(folder);
  /** The answers that the person types, in this order. */
  const answers: string[] = [];
  const shown: string[] = [];
  const next = () => {
    const answer = answers.shift();
    if (answer === undefined) throw new Error(`no answer to: ${shown.at(-1)}`);
    return answer;
  };
  const ask: Ask = {
    choose: async (question) => {
      shown.push(question);
      return next();
    },
    async text({ message, initial, problem }) {
      shown.push(initial === undefined ? message : `${message} [${initial}]`);
      for (;;) {
        const answer = next() || (initial ?? '');
        const wrong = problem(answer);
        if (wrong === undefined) return answer;
        shown.push(wrong);
      }
    },
    async confirm(question) {
      shown.push(question);
      return next() === 'yes';
    },
    say: (line) => void shown.push(line),
  };
  const started = async (args: readonly string[], person: Ask | undefined) => {
    const out: string[] = [];
    const complaints: string[] = [];
    const print = (line: string) => void out.push(line);
    const status = await run(['init', ...args], {
      print,
      complain: (line) => void complaints.push(line),
      init: (flags) => init(flags, { folder, ask: person, print }),
      schema: () => '{}',
      readFleet: none,
      connect: none,
      version: '1.2.3',
    });
    return { status, text: out.join('\n'), complaints: complaints.join('\n') };
  };
  return {
    folder,
    answers,
    shown,
    clock: warpClock(T0),
    link: (target: string, file: string) => symlinkSync(target, join(folder, file)),
    init: (...args: readonly string[]) => started(args, undefined),
    asked: (...args: readonly string[]) => started(args, ask),
  };
}

/** The folder, and the ways to run `rekey init` in it. */
export type Started = ReturnType<typeof initIn>;
