import { styleText } from 'node:util';
import type { Fleet } from '../../core/fleet/index.ts';
import type { Step } from '../../core/reconcile/index.ts';

interface Screen {
  /** A step succeeded or failed. */
  step(step: Step, now: Date): void;
  /** The clock moved on. */
  tick(now: Date): void;
  /** Keeps the last picture on the screen. Later steps are printed below it, one line each. */
  end(): void;
}

const words: Readonly<Record<string, string>> = {
  rotate: 'rotated',
  finish: 'finished',
  announce: 'announced',
  revoke: 'revoked and dead',
  delete: 'deleted',
  warn: 'warned',
  rollback: 'rollback begun',
  retire: 'retired',
  discard: 'candidate discarded',
};

/** The outcome of a step in words; `undefined` for housekeeping. */
function said({ target, decision: { action, reason }, error }: Step): string | undefined {
  if (error) return `${action} failed: ${error.code}`;
  if (action === 'rotate') return reason === 'never-issued' ? 'issued' : `rotated (${reason})`;
  if (action === 'revoke' && !target.revocable) return 'expired and dead';
  return words[action];
}

/** One line for each step, for logs and pipes. */
export function plainScreen(print: (line: string) => void, fleet: Fleet): Screen {
  const width = Math.max(...fleet.targets.map(({ name }) => name.length));
  return {
    step(step, now) {
      const what = said(step);
      if (what)
        print(
          `${clock(now)}  ${step.target.name.padEnd(width)}  ${what}: ${step.decision.message}`,
        );
    },
    tick() {},
    end() {},
  };
}

/** One line for each target, redrawn in place. */
export function liveScreen(
  output: Pick<NodeJS.WriteStream, 'write' | 'columns'>,
  fleet: Fleet,
): Screen {
  const trails = new Map(fleet.targets.map(({ name }) => [name, [] as string[]]));
  const width = Math.max(...fleet.targets.map(({ name }) => name.length));
  const plain = plainScreen((line) => void output.write(`${line}\n`), fleet);
  let drawn = 0;
  let live = true;

  function draw(now: Date): void {
    if (!live) return;
    const lines = [styleText('dim', `${clock(now)} UTC`)];
    for (const { name } of fleet.targets) {
      const trail = trails.get(name)?.slice(-6).join(' → ') || 'waits';
      lines.push(`${name.padEnd(width)}  ${newest(trail, (output.columns ?? 100) - width - 2)}`);
    }
    const up = drawn > 0 ? `\x1b[${drawn}A` : '';
    output.write(`${up}${lines.map((line) => `\x1b[2K${line}`).join('\n')}\n`);
    drawn = lines.length;
  }

  return {
    step(step, now) {
      const what = said(step);
      if (what) trails.get(step.target.name)?.push(what);
      if (live) draw(now);
      else plain.step(step, now);
    },
    tick: draw,
    end() {
      live = false;
    },
  };
}

const clock = (date: Date): string => date.toISOString().slice(0, 16).replace('T', ' ');

/** The end of a trail, because it holds the latest step. */
const newest = (text: string, room: number): string =>
  text.length > room ? `…${text.slice(text.length - room + 1)}` : text;
