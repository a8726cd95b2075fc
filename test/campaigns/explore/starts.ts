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
  readonly before: (stage: Execution) => Promise<void>;
  /** Brings actors to where they hang; repeated for each execution. */
  readonly hanging?: (stage: Execution) => Promise<void>;
  /** Returns false if the variant has no such state. */
  readonly applies?: () => boolean;
}

const calm: Readonly<Record<string, Start>> = {
  first: { before: async () => {} },
  young: { before: young },
  due: { before: due },
  grace: { before: grace },
  'near-end': { before: (stage) => graceEnd(stage, -3 * MINUTE) },
  end: { before: (stage) => graceEnd(stage, MINUTE) },
  soak: {
    applies: canSoak,
    before: async (stage) => {
      await graceEnd(stage, MINUTE);
      await run(stage);
      pass(stage, HOUR);
    },
  },
  'soak-end': {
    applies: canSoak,
    before: async (stage) => {
      await graceEnd(stage, MINUTE);
      await run(stage);
      pass(stage, timing().soak + MINUTE);
    },
  },
  candidate: {
    before: async (stage) => {
      await due(stage);
      await die(stage, 'check');
    },
  },
  created: {
    before: async (stage) => {
      await due(stage);
      await die(stage, 'put');
    },
  },
  unannounced: {
    before: async (stage) => {
      await due(stage);
      await die(stage, 'publish');
    },
  },
  rolling: {
    before: async (stage) => {
      await grace(stage);
      await ask(stage, 'rollback');
      await die(stage, 'check');
    },
  },
  'rolling-late': {
    before: async (stage) => {
      await graceEnd(stage, -7 * MINUTE);
      await ask(stage, 'rollback');
      await die(stage, 'check');
    },
  },
  'rolled-back': { before: rolledBack },
  second: {
    applies: hasRoom,
    before: async (stage) => {
      const { interval } = timing();
      await run(stage);
      pass(stage, 0.85 * interval);
      for (const what of ['rotate', 'rollback', 'rotate'] as const) {
        await ask(stage, what);
        await run(stage);
        pass(stage, 20 * MINUTE);
      }
    },
  },
  compromised: {
    before: async (stage) => {
      await grace(stage);
      await ask(stage, 'compromise');
    },
  },
  'backing-off': { before: (stage) => failing(stage, 3) },
  paused: { before: (stage) => failing(stage, 5) },
  hand: {
    before: async (stage) => {
      await grace(stage);
      hands['value-by-hand']?.act(stage.world);
    },
  },
  three: { applies: hasRoom, before: three },
  expiring: {
    applies: () => variant().capabilities.expiry,
    before: async (stage) => {
      await run(stage);
      pass(
        stage,
        (currentCredential(stage.world)?.expiresAt ?? 0) - stage.world.now - timing().grace / 2,
      );
    },
  },
  'grace-due': { before: graceDue },
};

export const starts: Readonly<Record<string, Start>> = { ...calm, ...hanging };
