import { type Due, reach } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import type { Target } from '../fleet/index.ts';
import type { Version } from '../ledger/index.ts';
import type { SecretRecord } from '../ledger/record.ts';
import type { Provider } from '../provider.ts';
import type { Engine } from './engine.ts';

/** One run over one target. */
export interface Run {
  readonly engine: Engine;
  readonly target: Target;
  readonly record: SecretRecord;
  readonly provider: Provider;
  /** The id of the request that caused the current work, or else of the run. */
  correlationId: string;
  readonly signal: AbortSignal;
  /** The token that Secrets Manager passes to the rotation function. */
  readonly rotationToken?: string | undefined;
  readonly progress: {
    /** When the secret was read: later decisions are about the secret as it was then. */
    seen?: Date | undefined;
    /** Id of the version whose end the provider confirmed in this transition. */
    confirmed?: string | undefined;
    /** The label and the expiry of a credential that may be alive although `issue` failed. */
    lost?: { readonly label: string; readonly until?: Date | undefined } | undefined;
  };
}

/**
 * A transition carries out the work that is due. It may be repeated after a crash at any `await`.
 */
export type Transition = (run: Run, due: Due) => Promise<void>;

/** The time of the engine's clock. */
export const now = ({ engine }: Run): Date => engine.clock.now();

/**
 * The run at the place where a credential lives: that of the target, or a former one. Throws
 * `out-of-reach` for any other place.
 */
export function at(run: Run, { credential }: Pick<Version, 'credential'>): Run {
  const where = reach(run.target, credential?.place);
  if (where === 'own') return run;
  const former = where === undefined ? undefined : run.target.former?.[where];
  const provider = former && run.engine.providers[former.provider];
  if (!provider) {
    throw new RekeyError(
      'out-of-reach',
      `${run.target.name}: a credential lives at a former place ` +
        `(${credential?.provider ?? 'unknown'}) that is not listed under former`,
    );
  }
  return { ...run, provider, target: { ...run.target, ...former } };
}

/** The version that a transition is about. Throws for work that names no version: that is a bug. */
export function subject({ version }: Due) {
  if (!version) throw new Error('the transition needs a version');
  return version;
}
