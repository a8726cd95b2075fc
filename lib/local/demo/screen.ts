import { styleText } from 'node:util';
import type { Fleet } from '../../core/fleet/index.ts';
import type { Step } from '../../core/reconcile/index.ts';

export interface Screen {
  /** A step was taken, or failed. */
  step(step: Step, now: Date): void;
  /** Time went on. */
  tick(now: Date): void;
  /** Leaves the last picture standing. */
  end(): void;
}

const words: Readonly<Record<string, string>> = {
  rotate: 'rotated',
  finish: 'finished',
  announce: 'announced',
  revoke: 'revoked and dead',
  delete: 'deleted',
  warn: 'warned',
  rollback: 'roll-back begun',
  retire: 'retired',
  discard: 'candidate discarded',
};

/** What a step did, for a person; nothing for housekeeping. */
function said({ target, decision: { action, reason }, error }: Step): string | undefined {
  if (error) return `${action} failed: ${error.code}`;
  if (action === 'rotate') return reason === 'never-issued' ? 'issued' : `rotated (${reason})`;
  if (action === 'revoke' && !target.revocable) return 'expired and dead';
  return words[action];
}

/** A line for each step, for logs and pipes. */
export function plainScreen(print: (line: string) => void, fleet: Fleet): Screen {
  const width = Math.max(...fleet.targets.map(({ name }) => name.length));
  return {
    step(step, now) {
      const what = said(step);
      if (what) print(`${clock(now)}  ${step.target.name.padEnd(width)}  ${what}: ${step.decision.message}`);
    },
    tick() {},
    end() {},
  };
}

/** One line a target, redrawn in place. */
export function liveScreen(output: NodeJS.WriteStream, fleet: Fleet): Screen {
  const trails = new Map(fleet.targets.map(({ name }) => [name, [] as string[]]));
  const width = Math.max(...fleet.targets.map(({ name }) => name.length));
  let drawn = 0;

  function draw(now: Date): void {
    const lines = [styleText('dim', `${clock(now)} UTC`)];
    for (const { name } of fleet.targets) {
      const trail = trails.get(name) ?? [];
      lines.push(shorten(`${name.padEnd(width)}  ${trail.slice(-6).join(' → ') || 'waits'}`, output.columns));
    }
    const up = drawn > 0 ? `\x1b[${drawn}A` : '';
    output.write(`${up}${lines.map((line) => `\x1b[2K${line}`).join('\n')}\n`);
    drawn = lines.length;
  }

  return {
    step(step, now) {
      const what = said(step);
      if (what) trails.get(step.target.name)?.push(step.error ? styleText('red', what) : what);
      draw(now);
    },
    tick: draw,
    end() {},
  };
}

const clock = (date: Date): string => date.toISOString().slice(0, 16).replace('T', ' ');
const shorten = (text: string, columns = 100): string => (text.length > columns ? `${text.slice(0, columns - 1)}…` : text);
