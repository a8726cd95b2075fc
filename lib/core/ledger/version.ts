import type { ErrorCode } from '../errors.ts';

/**
 * The staging labels of a secret are the ledger. A version's life in it:
 *
 *     issued            candidate, credential     not proven yet; names the version to supersede
 *     retired           AWSCURRENT, credential, revoke-after                (the superseded one)
 *     promoted          AWSCURRENT, candidate, credential          not announced yet: the outbox
 *     announced         AWSCURRENT, credential
 *     superseded        credential, revoke-after [, warned] [, disabled]
 *     discarded         credential, discarded                   a candidate that was not promoted
 *     revoked, proven   revoke-after …                no `credential` label: nothing is alive now
 *     forgotten         no label
 *     retired target    AWSCURRENT, retired [, removed]      a placeholder: the target left the
 *                                                            fleet [, announced]
 *
 * A version with a `credential` label has a credential that may be alive; removing that label is
 * the last step of a revocation. `requested`, `refused`, `rollback` and `backoff` are on the
 * current version, so that they are settled when it is superseded. A report of compromise is one
 * label with a time, on any version: every credential issued until then is compromised. AWSPENDING
 * belongs to Secrets Manager's own rotation.
 */
export interface Version {
  readonly id: string;
  readonly labels: readonly string[];
  readonly current: boolean;
  /** It is a candidate, or its promotion is not announced yet. */
  readonly pending: boolean;
  readonly previous: boolean;
  /** Secrets Manager's own rotation has labeled it AWSPENDING. */
  readonly staged: boolean;
  readonly credential?: CredentialNote;
  readonly candidate?: CandidateNote;
  /** The latest of its revoke-after labels, without those of promotions that did not happen. */
  readonly revokeAfter?: Date;
  /** When that label was written, and for which promotion. */
  readonly retirement?: Omit<Retirement, 'revokeAfter'>;
  /** All of its revoke-after labels: two workers may be promoting over it. */
  readonly retirements?: readonly Retirement[];
  /** It was a candidate, and was not promoted. `at`: from this time on it may be revoked. */
  readonly discarded?: {
    readonly at: Date;
    readonly promotion: string;
    readonly candidate?: CandidateNote;
  };
  readonly warned?: Date;
  readonly disabledAt?: Date;
  /** How its death was proven, until that is announced. */
  readonly disabledUntold?: string;
  readonly requested?: Request;
  /** The report of compromise that was written on this version. */
  readonly reported?: Report;
  /** The first report of compromise since its credential was issued, on any version. */
  readonly compromisedAt?: Date;
  /** Set if a report needs confirmation. `awaited`: its end is not brought forward until then. */
  readonly confirmation?: 'awaited' | 'given';
  readonly rollback?: Request & { readonly to: string };
  /**
   * The registry refused it while it was current: `times` in a row, the last time at `at`. `host`:
   * a digest of the registry's host.
   */
  readonly refused?: { readonly at: Date; readonly times: number; readonly host?: string };
  /** Superseding it failed. */
  readonly backoff?: Backoff;
  /** Revoking it failed. */
  readonly revokeBackoff?: RevokeBackoff;
  /** The id is used up: no credential can be stored under it. */
  readonly used?: { readonly at: Date; readonly attempt: number; readonly orphan?: string };
  /** The target left the fleet file, and that was announced. */
  readonly removedAt?: Date;
  /** It is the placeholder of `rekey retire`, which replaced the last credential. */
  readonly retired?: true;
}

/**
 * One `revoke-after` label: the version is superseded, and may be revoked from `revokeAfter` on.
 * `promotion` is `-` if a person superseded it.
 */
export interface Retirement {
  /** When the label was written. */
  readonly at: Date;
  readonly promotion: string;
  readonly revokeAfter: Date;
}

/**
 * A `credential` label: the facts about a credential that may be alive, without its secret. Without
 * `expiresAt`, it has no known expiry.
 */
export interface CredentialNote {
  readonly issuedAt: Date;
  readonly expiresAt?: Date;
  /** Hash of the spec for which it was issued. */
  readonly spec: string;
  /** Why it was issued. */
  readonly reason: string;
  /** The provider's id. */
  readonly id: string;
  /** Its provider, and the place where it lives: see `Target.place`. */
  readonly provider?: string;
  readonly place?: string;
}

/** The purpose of a candidate. */
export interface CandidateNote {
  /** When it became a candidate. */
  readonly since: Date;
  readonly kind: 'rotation' | 'rollback';
  /** Digest of the version that it supersedes: it is promoted over that version only. */
  readonly base: string;
  /** Id of this promotion, also in the revoke-after label of the superseded version. */
  readonly promotion: string;
}

/**
 * A `requested` label: a rotation was requested at `at`. `correlationId` is the requester's; it is
 * absent if the label has no room for it.
 */
export interface Request {
  readonly at: Date;
  readonly correlationId?: string;
  /** The gate that it waits for, as announced. */
  readonly held?: string;
}

/**
 * A `compromised` label, a report of compromise: every credential issued until `at` is compromised.
 */
export interface Report extends Request {
  /** The first of several reports. */
  readonly first: Date;
  /** Set if the report needs confirmation. */
  readonly confirmation?: Confirmation;
}

/**
 * The confirmation of a report of compromise: it is awaited and that is not announced yet; it is
 * awaited; or the time when it was given.
 */
export type Confirmation = 'awaited-untold' | 'awaited' | Date;

/**
 * A `backoff` label: the failures in a row, of which the last was at `at`, for the spec with the
 * hash `spec`. The backoff ends at `until`, or earlier: see `backoffEnd`.
 */
export interface Backoff {
  readonly failures: number;
  readonly at: Date;
  readonly until: Date;
  readonly code: ErrorCode;
  readonly spec: string;
  /** The stage in which it failed, until the failure is announced. */
  readonly untold?: string;
}

/**
 * A `revoke-backoff` label: the failures of a revocation. Its backoff ends at `until`, or earlier:
 * see `revokeBackoffEnd`.
 */
export interface RevokeBackoff extends Backoff {
  /**
   * When the provider confirmed the end, or when the credential expired: only the proof is missing.
   */
  readonly confirmedAt?: Date;
}

/**
 * The state of one secret, as `parseLedger` reads it from a snapshot: its versions, and the views
 * of them that decisions need.
 */
export interface Ledger {
  readonly arn: string;
  readonly name: string;
  readonly deleted: boolean;
  readonly versions: readonly Version[];
  readonly current?: Version;
  /**
   * Candidates that may be promoted, oldest first: they supersede the current version, and are not
   * compromised.
   */
  readonly candidates: readonly Version[];
  /** The candidate to finish first: a rollback before a rotation. */
  readonly pending?: Version;
  /**
   * Candidates that can no longer be promoted: another version is current, or they are compromised.
   */
  readonly strays: readonly Version[];
  /** Promotions that are not announced yet, oldest first. The version may be superseded already. */
  readonly unannounced: readonly Version[];
  /**
   * A version labeled AWSPENDING for which nothing was issued yet: Secrets Manager’s own rotation
   * begins with one.
   */
  readonly started?: Version;
  /** The latest report of compromise. */
  readonly reportedAt?: Date;
  /** Staging labels that can still be attached, of 20 over all versions. */
  readonly free: number;
  /**
   * Regions whose replica does not have the current version; empty if the snapshot has no replicas.
   */
  readonly replicasBehind: readonly string[];
}
