import { ALWAYS, type Rule } from '../situation.ts';

/** Finds promotions that were not announced: the version still has the label of a candidate. */
export const promotionUnannounced: Rule = ({ ledger }) =>
  ledger.unannounced.map((version) => ({
    action: 'announce',
    reason: 'unannounced',
    message: 'promoted, not yet announced',
    at: ALWAYS,
    version,
  }));

/** Finds failures and ends that the event bus did not accept. */
export const outcomeUnannounced: Rule = ({ ledger }) =>
  ledger.versions
    .filter(
      ({ backoff, revokeBackoff, disabledUntold, credential, reported }) =>
        backoff?.untold ||
        (credential && (revokeBackoff?.untold || disabledUntold)) ||
        reported?.confirmation === 'awaited-untold',
    )
    .map((version) => ({
      action: 'report',
      reason: 'unannounced',
      message: 'what happened was not announced',
      at: ALWAYS,
      version,
    }));
