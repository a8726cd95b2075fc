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
  /** Of what is under way: of whoever asked for it, else of the run. */
  correlationId: string;
  readonly signal: AbortSignal;
  /** What Secrets Manager gave the function that rotates for it. */
  readonly rotationToken?: string | undefined;
  readonly progress: {
    /**
     * When the secret was looked at: what is decided from then on is about the secret as it was.
     */
    seen?: Date | undefined;
    /** Id of the version whose end the provider confirmed in this transition. */
    confirmed?: string | undefined;
    /** The label under which a credential may be alive although `issue` failed, and until when. */
    lost?: { readonly label: string; readonly until?: Date | undefined } | undefined;
  };
}

/**
 * A transition: carries out what is due, and may be repeated after a crash at any of its awaits.
 */
export type Transition = (run: Run, due: Due) => Promise<void>;

export const now = ({ engine }: Run): Date => engine.clock.now();

/**
 * The run at the place where a credential lives: that of the target, or a former one. Throws
 * `out-of-reach` if it is neither.
 */
export function at(run: Run, { credential }: Pick<Version, 'credential'>): Run {
  const where = reach(run.target, credential?.place);
  if (where === 'own') return run;
  const former = where === undefined ? undefined : run.target.former?.[where];
  const provider = former && run.engine.providers[former.provider];
  if (!provider) {
    throw new RekeyError(
      'out-of-reach',
      `${run.target.name}: a credential lives at a former place (${credential?.provider ?? 'unknown'}) that is not listed under former`,
    );
  }
  return { ...run, provider, target: { ...run.target, ...former } };
}

/** The version a transition is about; a due that names none is a bug. */
export function subject({ version }: Due) {
  if (!version) throw new Error('the transition needs a version');
  return version;
}
