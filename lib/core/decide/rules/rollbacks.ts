import { isRollback } from '../../ids/label.ts';
import type { Version } from '../../ledger/index.ts';
import { ALWAYS, type Rule } from '../situation.ts';

/** A person wants the previous credential back. */
export const rollbackRequested: Rule = ({ target, ledger: { current, pending } }) =>
  current?.rollback && pending?.candidate?.kind !== 'rollback' && !target.retired
    ? [
        {
          action: 'rollback',
          reason: 'rollback-requested',
          message: 'a rollback was requested',
          at: current.rollback.at,
          version: current,
        },
      ]
    : [];

/** A rollback was requested from a version that another version superseded first. */
export const rollbackOvertaken: Rule = ({ ledger }) =>
  ledger.versions
    .filter((version) => !version.current && version.rollback && !wasRolledBack(version))
    .map((version) => ({
      action: 'rollback',
      reason: 'rollback-overtaken',
      message: 'a rollback was requested, and another version became current first',
      at: ALWAYS,
      version,
    }));

/** True if the rollback from this version happened: a rollback retired it. */
export const wasRolledBack = ({ retirement }: Version): boolean =>
  isRollback(retirement?.promotion ?? '');
