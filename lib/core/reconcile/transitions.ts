import type { Action } from '../decide/index.ts';
import { announce } from './announce.ts';
import { discard } from './discard.ts';
import { report } from './failure.ts';
import { enable, finish } from './finish.ts';
import { check } from './health.ts';
import { retire } from './retire.ts';
import { abandon, remove, revoke } from './revoke.ts';
import { rollback } from './rollback.ts';
import { rotate } from './rotate.ts';
import type { Transition } from './run.ts';
import { forget } from './tidy.ts';
import { vacate } from './vacate.ts';
import { warn } from './warn.ts';

/** The transition of each action. */
export const transitions: Readonly<Record<Action, Transition>> = {
  announce,
  report,
  enable,
  finish,
  discard,
  retire,
  vacate,
  rollback,
  rotate,
  revoke,
  delete: remove,
  abandon,
  warn,
  check,
  forget,
};
