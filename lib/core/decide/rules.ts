import { criticalRotation, rotation } from './rotation.ts';
import { outcomeUnannounced, promotionUnannounced } from './rules/announcements.ts';
import { halfDone, strayCandidates } from './rules/candidates.ts';
import { currentDisabled, refusedOnce } from './rules/current.ts';
import {
  compromisedDue,
  notRetired,
  revocationDue,
  revocationNear,
  soakOver,
} from './rules/ends.ts';
import { hopeless } from './rules/hopeless.ts';
import { targetRemoved, targetRetired } from './rules/removal.ts';
import { rollbackOvertaken, rollbackRequested } from './rules/rollbacks.ts';
import { deadVersionLabels, fewLabelsFree, staleLabels } from './rules/tidy.ts';
import type { Rule } from './situation.ts';

/**
 * The policy, in the order of priority: AWSCURRENT alive, compromised credentials dead, events
 * published, superseded credentials ended, the ledger tidy. docs/decide.md has it as a table.
 */
export const rules: readonly Rule[] = [
  fewLabelsFree, // room for the labels of all that follows
  currentDisabled, // consumers work with it: it comes back at once
  notRetired, // no credential stays alive without a time of revocation
  rollbackRequested, // back to a good credential, before forward to a new one
  halfDone, // one candidate at a time: finished or discarded before the next
  hopeless, // a revocation that takes the labels a rotation needs
  criticalRotation, // AWSCURRENT is dead, about to be, or has to die
  promotionUnannounced, // it delays nothing: an event that the event bus refuses is sent later
  compromisedDue, // a thief may be using it
  outcomeUnannounced, // a failure, or an end, that the event bus did not accept
  rollbackOvertaken, // refused, since another version became current first
  strayCandidates, // alive, and will never be used
  staleLabels, // they describe the current version wrongly
  targetRemoved, // a placeholder replaces its last credential
  refusedOnce, // one refusal is not believed: the registry is checked again
  rotation, // for its age, a request, or changed parameters
  revocationDue, // the grace is over
  soakOver, // disabled long enough without complaints
  revocationNear, // subscribers are warned
  deadVersionLabels, // kept for a day, for the on-call
  targetRetired, // the last event of a target that left the fleet
];
