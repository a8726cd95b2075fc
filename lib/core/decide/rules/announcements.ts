import { ALWAYS, type Rule } from '../situation.ts';

/** Promoted, and not announced: the label of a candidate is still on it. */
export const promotionUnannounced: Rule = ({ ledger }) =>
  ledger.unannounced.map((version) => ({
    action: 'announce',
    reason: 'unannounced',
    message: 'promoted, not yet announced',
    at: ALWAYS,
    version,
  }));

/** A failure, or an end, that the event bus did not take. */
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
