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
    hanging: async (stage) => {
      await run(stage, 'issue');
      await run(stage, 'issue');
      await stage.step('fail');
      await until(stage);
      pass(stage, 61_000);
      await stage.start('worker');
    },
  },
  aba: {
    before: async (stage) => {
      await young(stage);
      await ask(stage, 'rotate');
    },
    hanging: async (stage) => {
      await run(stage, 'check');
      await run(stage);
      await ask(stage, 'rollback');
      await run(stage);
    },
  },
  late: {
    before: async (stage) => {
      await grace(stage);
      await ask(stage, 'rollback');
    },
    hanging: async (stage) => {
      await stage.start('worker');
      await stage.step();
      await stage.start('worker');
    },
  },
  ending: {
    before: (stage) => graceEnd(stage, MINUTE),
    hanging: async (stage) => {
      await run(stage, canSoak() ? 'publish' : 'revoke');
      if (canSoak()) await stage.step();
    },
  },
  'stale-view': {
    applies: hasRoom,
    before: async (stage) => {
      const { grace: length } = timing();
      await young(stage);
      await ask(stage, 'rotate');
      await run(stage);
      pass(stage, 20 * MINUTE);
      await ask(stage, 'rotate');
      await run(stage);
      pass(stage, length - 7 * MINUTE);
    },
    // in its view the second credential ends in a few minutes; meanwhile that credential becomes
    // current again
    hanging: async (stage) => {
      const next = canSoak() ? 'disable' : 'revoke';
      await run(stage, next);
      await ask(stage, 'rollback');
      await die(stage, next);
      pass(stage, 3 * MINUTE);
    },
  },
};
