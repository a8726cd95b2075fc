import type { Provider } from '../../provider.ts';
import type { Target } from '../target.ts';

/** A setting with a wrong value. Reads `found; expected …`. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly expected: string;
  /** The problem, if the value of this one setting does not show it. */
  readonly found?: string | undefined;
}

/** Looks for one problem in a target. It may use capabilities, never a provider's name. */
export type Rule = (target: Target, provider: Provider) => Problem | undefined;

/** `key`: the setting to change, such as `verify.within`. */
export const problem = (key: string, expected: string, found?: string): Problem => ({
  path: key.split('.'),
  expected,
  found,
});
