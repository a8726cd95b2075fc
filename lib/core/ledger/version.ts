import type { ErrorCode } from '../errors.ts';

/**
 * The staging labels of a secret are the ledger. A version's life in it:
 *
 *     issued            candidate, credential             not yet proven; names the version it is to supersede
 *     retired           AWSCURRENT, credential, revoke-after                      (the one it supersedes)
 *     promoted          AWSCURRENT, candidate, credential      not yet announced: the outbox
 *     announced         AWSCURRENT, credential
 *     superseded        credential, revoke-after [, warned] [, disabled]
 *     discarded         credential, discarded                a candidate that was not promoted
 *     revoked, proven   revoke-after …                   no `credential` label: nothing alive stands behind it
 *     forgotten         no label
 *     retired target    AWSCURRENT, retired [, removed]       a placeholder: the target left the fleet [, announced]
 *
 * A version with a `credential` label has a credential that may be alive; taking that label off is
 * the last step of a revocation. `requested`, `refused`, `rollback` and `backoff` sit on the
 * version that is to be superseded, so that they are settled when it is. A report of compromise is
 * one label with a time, wherever it sits: whatever was issued until then is compromised.
 * AWSPENDING is left to Secrets Manager's own rotation.
 */
export interface Version {
  readonly id: string;
  readonly labels: readonly string[];
  readonly current: boolean;
  /** It is a candidate, or was promoted and that is not announced yet. */
  readonly pending: boolean;
  readonly previous: boolean;
  /** Secrets Manager's own rotation has labelled it AWSPENDING. */
  readonly staged: boolean;
  readonly credential?: CredentialNote;
  readonly candidate?: CandidateNote;
  /** The latest of its revoke-after labels; not one of a promotion that never happened. */
  readonly revokeAfter?: Date;
  /** When that label was written, and for which promotion. */
  readonly retirement?: Omit<Retirement, 'revokeAfter'>;
  /** All of its revoke-after labels: two workers may be promoting over it. */
  readonly retirements?: readonly Retirement[];
  /** It was a candidate that was not promoted, that one; from when on it may be revoked. */
  readonly discarded?: {
    readonly at: Date;
    readonly promotion: string;
    readonly candidate?: CandidateNote;
  };
  readonly warned?: Date;
  readonly disabledAt?: Date;
  /** How that was proven, while it could not be announced. */
  readonly disabledUntold?: string;
  readonly requested?: Request;
  /** The report of compromise that was written on this version. */
  readonly reported?: Report;
  /**
   * The first report of compromise since its credential was issued, on whichever version that was
   * written.
   */
  readonly compromisedAt?: Date;
  /**
   * Its end is not brought forward before somebody confirms that it is compromised; or somebody
   * has.
   */
  readonly confirmation?: 'awaited' | 'given';
  readonly rollback?: Request & { readonly to: string };
  /**
   * The registry refused it, this often in a row, the last time then; while it was current. `host`:
   * a digest of the registry's.
   */
  readonly refused?: { readonly at: Date; readonly times: number; readonly host?: string };
  /** Superseding it failed. */
  readonly backoff?: Backoff;
  /** Revoking it failed. */
  readonly revokeBackoff?: RevokeBackoff;
  /** The id is used up, so that nobody can store a credential under it any more. */
  readonly used?: { readonly at: Date; readonly attempt: number; readonly orphan?: string };
  /** The target left the fleet file, and that was announced. */
  readonly removedAt?: Date;
  /** `rekey retire` put it in the place of the last credential, or found none there. */
  readonly retired?: true;
}

export interface Retirement {
  /** When the label was written. */
  readonly at: Date;
  readonly promotion: string;
  readonly revokeAfter: Date;
}

export interface CredentialNote {
  readonly issuedAt: Date;
  readonly expiresAt?: Date;
  /** Hash of the spec it was issued for. */
  readonly spec: string;
  /** Why it was issued. */
  readonly reason: string;
  /** The provider's id. */
  readonly id: string;
  /** Who issued it, and where it lives: see `Target.place`. */
  readonly provider?: string;
  readonly place?: string;
}

/** What a candidate is for. */
export interface CandidateNote {
  /** Since when it is one. */
  readonly since: Date;
  readonly kind: 'rotation' | 'rollback';
  /** Digest of the version it is to supersede: it is promoted over that one alone. */
  readonly base: string;
  /** Names this promotion, in the revoke-after label of the version it supersedes too. */
  readonly promotion: string;
}

export interface Request {
  readonly at: Date;
  readonly correlationId?: string;
  /** What it waits for, as was announced. */
  readonly held?: string;
}

export interface Report extends Request {
  /** The first of several reports. */
  readonly first: Date;
  /** What it waits for, or got. */
  readonly confirmation?: Confirmation;
}

/**
 * Whether a report of compromise was confirmed, when that is needed: it waits, and nobody was told
 * yet; it waits; it was, then.
 */
export type Confirmation = 'awaited-untold' | 'awaited' | Date;

export interface Backoff {
  readonly failures: number;
  readonly at: Date;
  readonly until: Date;
  readonly code: ErrorCode;
  readonly spec: string;
  /** The stage it failed in, while the failure could not be announced. */
  readonly untold?: string;
}

export interface RevokeBackoff extends Backoff {
  /** When the provider confirmed the end, or the expiry was over: what is left is to prove it. */
  readonly confirmedAt?: Date;
}

export interface Ledger {
  readonly arn: string;
  readonly name: string;
  readonly deleted: boolean;
  readonly versions: readonly Version[];
  readonly current?: Version;
  /**
   * Candidates that may be promoted: they supersede the current version as it is now, and are not
   * compromised; oldest first.
   */
  readonly candidates: readonly Version[];
  /** The one of them to finish: a rollback before a rotation. */
  readonly pending?: Version;
  /**
   * Candidates that can no longer be promoted: another version is current, or they are compromised.
   */
  readonly strays: readonly Version[];
  /** Promoted, and nobody was told yet; oldest first. One may be superseded again already. */
  readonly unannounced: readonly Version[];
  /**
   * A version labelled AWSPENDING for which nothing was issued yet: Secrets Manager’s own rotation
   * begins with one.
   */
  readonly started?: Version;
  /** The latest report of compromise. */
  readonly reportedAt?: Date;
  /** Staging labels that can still be attached, of 20 over all versions. */
  readonly free: number;
  /**
   * Regions whose replica has not got the current version; empty where a list says nothing of them.
   */
  readonly replicasBehind: readonly string[];
}
