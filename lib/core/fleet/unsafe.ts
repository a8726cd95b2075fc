import type { Provider } from '../provider.ts';
import {
  aliveForever,
  moreThanAllowed,
  tooManyExpiring,
  tooManySuperseded,
} from './rules/alive.ts';
import {
  compromisedGraceTooLong,
  expiresInItsGrace,
  graceTooLong,
  notWholeHours,
  tooOften,
  tooRare,
} from './rules/intervals.ts';
import {
  actionNeverGranted,
  bearerForDocker,
  checkedTooOften,
  manifestWithoutRepository,
  verifiesTooLong,
} from './rules/proofs.ts';
import type { Problem, Rule } from './rules/rule.ts';
import { windowTooRare, windowTooShort } from './rules/windows.ts';
import type { Target } from './target.ts';

export type { Problem } from './rules/rule.ts';

/** Settings that would lose or kill a credential, or could never work, each a rule of its own. */
export const rules: readonly Rule[] = [
  tooOften, // the secret runs out of versions
  tooRare, // in practice it would never rotate
  notWholeHours, // Secrets Manager cannot drive it
  graceTooLong, // every credential would have two successors
  compromisedGraceTooLong, // a leaked credential would live longer than a good one
  bearerForDocker, // consumers could not log in with it
  verifiesTooLong, // no worker has that much time
  checkedTooOften, // registries count logins
  actionNeverGranted, // no credential would ever be proven
  manifestWithoutRepository, // nothing says where the manifest is
  windowTooShort, // no sweep would fall into it
  windowTooRare, // credentials would get older than the interval
  expiresInItsGrace, // consumers would lose it before its grace is over
  tooManySuperseded, // no room for labels
  tooManyExpiring, // no room for labels
  moreThanAllowed, // the provider would refuse the next one
  aliveForever, // a crash could leave a credential that nothing ends
];

/** The problems of a target: combinations that the engine cannot make safe. */
export const unsafe = (target: Target, provider: Provider): readonly Problem[] =>
  rules.flatMap((rule) => rule(target, provider) ?? []);
