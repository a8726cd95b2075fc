import { MINUTE } from '../../../lib/core/time.ts';
import {
  ask,
  canSoak,
  die,
  due,
  grace,
  graceEnd,
  hasRoom,
  pass,
  run,
  until,
  young,
} from './past.ts';
import type { Start } from './starts.ts';
import { timing } from './target.ts';

/**
 * Starts with a worker that already hangs; reaching them from another start would take several
 * deviations.
 */
export const hanging: Readonly<Record<string, Start>> = {
  'two-ids': {
    before: due,
    hanging: async (execution) => {
      await run(execution, 'issue');
      await run(execution, 'issue');
      await execution.step('fail');
      await until(execution);
      pass(execution, 61_000);
      await execution.start('worker');
    },
  },
  aba: {
    before: async (execution) => {
      await young(execution);
      await ask(execution, 'rotate');
    },
    hanging: async (execution) => {
      await run(execution, 'check');
      await run(execution);
      await ask(execution, 'rollback');
      await run(execution);
    },
  },
  late: {
    before: async (execution) => {
      await grace(execution);
      await ask(execution, 'rollback');
    },
    hanging: async (execution) => {
      await execution.start('worker');
      await execution.step();
      await execution.start('worker');
    },
  },
  ending: {
    before: (execution) => graceEnd(execution, MINUTE),
    hanging: async (execution) => {
      await run(execution, canSoak() ? 'publish' : 'revoke');
      if (canSoak()) await execution.step();
    },
  },
  'stale-view': {
    applies: hasRoom,
    before: async (execution) => {
      const { grace: length } = timing();
      await young(execution);
      await ask(execution, 'rotate');
      await run(execution);
      pass(execution, 20 * MINUTE);
      await ask(execution, 'rotate');
      await run(execution);
      pass(execution, length - 7 * MINUTE);
    },
    // in its view the second credential ends in a few minutes; meanwhile that credential becomes
    // current again
    hanging: async (execution) => {
      const next = canSoak() ? 'disable' : 'revoke';
      await run(execution, next);
      await ask(execution, 'rollback');
      await die(execution, next);
      pass(execution, 3 * MINUTE);
    },
  },
};
