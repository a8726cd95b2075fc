import { HOUR, MINUTE } from '../../../lib/core/time.ts';
import type { Execution } from './execution.ts';
import { hanging } from './hanging.ts';
import {
  ask,
  canSoak,
  die,
  due,
  failing,
  grace,
  graceDue,
  graceEnd,
  hasRoom,
  pass,
  rolledBack,
  run,
  three,
  young,
} from './past.ts';
import { hands } from './people.ts';
import { timing, variant } from './target.ts';
import { currentCredential } from './world.ts';

/**
 * A state from which schedules begin. The engine itself reaches it; no label is written by hand.
 */
export interface Start {
  /** Builds the state. No actor is running afterwards. */
  readonly before: (execution: Execution) => Promise<void>;
  /** Brings actors to where they hang; repeated for each execution. */
  readonly hanging?: (execution: Execution) => Promise<void>;
  /** Returns false if the variant has no such state. */
  readonly applies?: () => boolean;
}

const calm: Readonly<Record<string, Start>> = {
  first: { before: async () => {} },
  young: { before: young },
  due: { before: due },
  grace: { before: grace },
  'near-end': { before: (execution) => graceEnd(execution, -3 * MINUTE) },
  end: { before: (execution) => graceEnd(execution, MINUTE) },
  soak: {
    applies: canSoak,
    before: async (execution) => {
      await graceEnd(execution, MINUTE);
      await run(execution);
      pass(execution, HOUR);
    },
  },
  'soak-end': {
    applies: canSoak,
    before: async (execution) => {
      await graceEnd(execution, MINUTE);
      await run(execution);
      pass(execution, timing().soak + MINUTE);
    },
  },
  candidate: {
    before: async (execution) => {
      await due(execution);
      await die(execution, 'check');
    },
  },
  created: {
    before: async (execution) => {
      await due(execution);
      await die(execution, 'put');
    },
  },
  unannounced: {
    before: async (execution) => {
      await due(execution);
      await die(execution, 'publish');
    },
  },
  rolling: {
    before: async (execution) => {
      await grace(execution);
      await ask(execution, 'rollback');
      await die(execution, 'check');
    },
  },
  'rolling-late': {
    before: async (execution) => {
      await graceEnd(execution, -7 * MINUTE);
      await ask(execution, 'rollback');
      await die(execution, 'check');
    },
  },
  'rolled-back': { before: rolledBack },
  second: {
    applies: hasRoom,
    before: async (execution) => {
      const { interval } = timing();
      await run(execution);
      pass(execution, 0.85 * interval);
      for (const what of ['rotate', 'rollback', 'rotate'] as const) {
        await ask(execution, what);
        await run(execution);
        pass(execution, 20 * MINUTE);
      }
    },
  },
  compromised: {
    before: async (execution) => {
      await grace(execution);
      await ask(execution, 'compromise');
    },
  },
  'backing-off': { before: (execution) => failing(execution, 3) },
  paused: { before: (execution) => failing(execution, 5) },
  hand: {
    before: async (execution) => {
      await grace(execution);
      hands['value-by-hand']?.act(execution.world);
    },
  },
  three: { applies: hasRoom, before: three },
  expiring: {
    applies: () => variant().capabilities.expiry,
    before: async (execution) => {
      await run(execution);
      pass(
        execution,
        (currentCredential(execution.world)?.expiresAt ?? 0) -
          execution.world.now -
          timing().grace / 2,
      );
    },
  },
  'grace-due': { before: graceDue },
};

export const starts: Readonly<Record<string, Start>> = { ...calm, ...hanging };
