import type { InboundType } from '../../../lib/core/events/index.ts';
import type { RotationStep } from '../../../lib/core/reconcile/index.ts';
import type { Fault as AwsFault } from '../../../lib/sandbox/aws/index.ts';
import type { Fault } from '../../../lib/sandbox/faults.ts';

/** Whom it happens to: an index into the targets of the history, modulo their number. */
interface On {
  readonly on: number;
}

/**
 * Something that happens in the life of a fleet. Plain data, so that a history can be written down
 * and lived again.
 */
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
  /** Sweeps come, and workers do what they hand out. */
  | { readonly what: 'life goes on'; readonly ms: number }
  /** The same while something is out of order, all of it. */
  | { readonly what: 'an outage'; readonly of: Outage; readonly ms: number }
  /** From here on replicas of the secrets follow that late. */
  | { readonly what: 'the replicas lag'; readonly ms: number }
  /** A worker is at its n-th effect at the end of a grace, and somebody rolls back. */
  | ({ readonly what: 'a rollback meets a revocation'; readonly effect: number } & On)
  /** The same with a worker that does whatever is due. */
  | ({
      readonly what: 'a request meets a worker';
      readonly type: InboundType;
      readonly effect: number;
    } & On)
  /** Somebody who knows how credentials are named makes so many that no version knows. */
  | ({ readonly what: 'look-alikes'; readonly count: number } & On)
  /** Of a vendor with room for few credentials, others use one. */
  | { readonly what: 'the account is full' }
  | { readonly what: 'the account has room' }
  | ({ readonly what: 'the window changes' } & On)
  /** To the other provider, or back; `former`: the fleet file says where from. */
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
 * What is out of order: the registry gives no verdict, or refuses everybody; a release throws
 * behind each create.
 */
export type Outage = 'vendor' | 'admin' | 'registry' | 'registry refuses' | 'bus' | 'release';

export interface History {
  readonly provider: string;
  /** Targets that share the vendor account. */
  readonly targets: number;
  readonly driver: 'rekey' | 'secrets-manager';
  /** Each secret has a replica in another region. */
  readonly replicas?: boolean | undefined;
  /** There is another provider to move to. */
  readonly moves?: boolean | undefined;
  /** Ids, passwords and jitter follow from it. */
  readonly seed: number;
  readonly happenings: readonly Happening[];
}
