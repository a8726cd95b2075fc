import type { InboundType } from '../../../lib/core/events/index.ts';
import type { RotationStep } from '../../../lib/core/reconcile/index.ts';
import type { Fault as AwsFault } from '../../../lib/sandbox/aws/index.ts';
import type { Fault } from '../../../lib/sandbox/faults.ts';

/** The target: an index into the targets of the history, modulo their number. */
interface On {
  readonly on: number;
}

/** A happening in the life of a fleet. Plain data, so that a history can be saved and replayed. */
export type Happening =
  | { readonly what: 'time passes'; readonly ms: number }
  | { readonly what: 'a sweep' }
  | { readonly what: 'a message is delivered'; readonly pick: number; readonly again: boolean }
  | ({ readonly what: 'a worker' } & On)
  | ({ readonly what: 'a check' } & On)
  | { readonly what: 'a look for orphans' }
  | ({
      readonly what: 'a worker dies';
      readonly effect: number;
      readonly moment: 'before' | 'after';
    } & On)
  | ({ readonly what: 'two workers'; readonly effect: number } & On)
  | ({ readonly what: 'a request'; readonly type: InboundType } & On)
  | {
      readonly what: 'the vendor fails';
      readonly fault: Fault;
      readonly times: number;
      readonly lasts: number;
    }
  | {
      readonly what: 'the registry fails';
      readonly fault: Fault;
      readonly times: number;
      readonly lasts: number;
    }
  | { readonly what: 'the registry learns late'; readonly ms: number }
  | {
      readonly what: 'AWS fails';
      readonly operation: string;
      readonly fault: AwsFault;
      readonly times: number;
    }
  | { readonly what: 'ListSecrets lags'; readonly ms: number }
  | ({ readonly what: 'foreign labels'; readonly count: number } & On)
  | ({ readonly what: 'the parameters change' } & On)
  | ({ readonly what: 'the interval changes'; readonly days: number } & On)
  | ({ readonly what: 'the target leaves' } & On)
  | ({ readonly what: 'the target returns' } & On)
  | ({ readonly what: 'a retirement' } & On)
  | ({ readonly what: 'a value by hand' } & On)
  | ({ readonly what: 'AWSCURRENT by hand'; readonly pick: number } & On)
  | ({ readonly what: 'a label off by hand'; readonly pick: number } & On)
  | { readonly what: 'a credential deleted by hand'; readonly pick: number }
  /** Sweeps run, and workers do the work that they hand out. */
  | { readonly what: 'life goes on'; readonly ms: number }
  /** The same while one part fails completely. */
  | { readonly what: 'an outage'; readonly of: Outage; readonly ms: number }
  /** From now on, replicas follow the secrets with this delay. */
  | { readonly what: 'the replicas lag'; readonly ms: number }
  /** A worker is at its n-th effect at the end of a grace, and a person requests a rollback. */
  | ({ readonly what: 'a rollback meets a revocation'; readonly effect: number } & On)
  /** The same with a worker that does any due work. */
  | ({
      readonly what: 'a request meets a worker';
      readonly type: InboundType;
      readonly effect: number;
    } & On)
  /** A person who knows rekey's naming creates that many credentials that no version knows. */
  | ({ readonly what: 'look-alikes'; readonly count: number } & On)
  /** A foreign credential takes up room of a vendor with room for few. */
  | { readonly what: 'the account is full' }
  | { readonly what: 'the account has room' }
  | ({ readonly what: 'the window changes' } & On)
  /**
   * The target moves to the other provider, or back. `former`: the fleet file names its previous
   * place.
   */
  | ({ readonly what: 'the target moves'; readonly former: boolean } & On)
  | ({ readonly what: 'rotate-secret meets a worker'; readonly effect: number } & On)
  | ({ readonly what: 'rotate-secret' } & On)
  | ({
      readonly what: 'a step dies';
      readonly effect: number;
      readonly moment: 'before' | 'after';
    } & On)
  | ({ readonly what: 'a late step'; readonly step: RotationStep; readonly pick: number } & On);

/**
 * The failing part. The registry is inconclusive, or refuses every login; a broken release throws
 * after each create.
 */
export type Outage = 'vendor' | 'admin' | 'registry' | 'registry refuses' | 'bus' | 'release';

export interface History {
  readonly provider: string;
  /** Number of targets that share the vendor account. */
  readonly targets: number;
  readonly driver: 'rekey' | 'secrets-manager';
  /** True if each secret has a replica in another region. */
  readonly replicas?: boolean | undefined;
  /** True if targets can move to another provider. */
  readonly moves?: boolean | undefined;
  /** The seed of ids, passwords and jitter. */
  readonly seed: number;
  readonly happenings: readonly Happening[];
}
