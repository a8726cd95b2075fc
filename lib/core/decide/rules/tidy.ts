import { successor } from '../../ids/label.ts';
import { LABEL_LIMIT, type Ledger, labelsOf, settled, type Version } from '../../ledger/index.ts';
import { DAY, latest, plus } from '../../time.ts';
import { ALWAYS, type Rule } from '../situation.ts';

/** Settled labels are removed at once if few labels are free. */
export const fewLabelsFree: Rule = ({ ledger }) =>
  ledger.free >= LABEL_LIMIT / 2
    ? []
    : settledVersions(ledger).map((version) => ({
        action: 'forget',
        reason: 'untidy',
        message: 'settled labels are in the way',
        at: ALWAYS,
        version,
      }));

/** The labels of a dead version are removed after a day, so that the on-call can see them. */
export const deadVersionLabels: Rule = ({ ledger }) =>
  settledVersions(ledger)
    .filter(({ credential }) => !credential)
    .map((version) => {
      const kept = plus(latest(version.revokeAfter ?? ALWAYS, version.used?.at ?? ALWAYS), DAY);
      return {
        action: 'forget',
        reason: 'untidy',
        message: 'dead, its labels are taken off',
        at: kept,
        version,
      };
    });

/** Labels of an earlier life on a version that is current again. */
export const staleLabels: Rule = ({ ledger: { current, pending }, target }) =>
  current && !current.pending && !pending && !target.retired && staleLabelsOf(current).length > 0
    ? [
        {
          action: 'forget',
          reason: 'untidy',
          message: 'labels of an earlier life are taken off',
          at: ALWAYS,
          version: current,
        },
      ]
    : [];

/**
 * Labels on the current version that belong to an earlier life of it, or that a target has from the
 * time when it had left the fleet. The retirement comes last.
 */
export function staleLabelsOf(current: Version): readonly string[] {
  const stale = (['requested', 'rollback', 'refused', 'backoff'] as const).filter(
    (kind) => !current[kind],
  );
  const ended =
    labelsOf(current, 'revoke-after').length > 0
      ? [...labelsOf(current, ...stale, 'warned'), ...labelsOf(current, 'revoke-after')]
      : [];
  return [...ended, ...(current.retired ? [] : labelsOf(current, 'removed'))];
}

/**
 * Versions with labels that may be removed, except the one that shows how many attempts to
 * supersede the current version are used up.
 */
function settledVersions(ledger: Ledger): readonly Version[] {
  const { arn, current, versions } = ledger;
  const over = versions.filter((version) => settled(ledger, version).length > 0);
  // ids are derived by hashing, and most ledgers have no settled labels
  if (!over.some(({ used }) => used)) return over;
  const attempts = versions.filter(
    ({ id, used }) => used && current && id === successor(arn, current.id, used.attempt),
  );
  const last = Math.max(...attempts.map(({ used }) => used?.attempt ?? 0));
  return over.filter((version) => !(attempts.includes(version) && version.used?.attempt === last));
}
