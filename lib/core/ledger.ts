import type { ErrorCode } from './errors.ts';
import type { Snapshot } from './ports.ts';
import { type Kind, parseLabel } from './staging-labels.ts';

export { labels } from './staging-labels.ts';

/**
 * The staging labels of a secret are the ledger. A version's life in it:
 *
 *     issued            AWSPENDING, credential           a candidate, not yet proven
 *     retired           AWSCURRENT, credential, revoke-after                      (the one before it)
 *     promoted          AWSCURRENT, AWSPENDING, credential     not yet announced: the outbox
 *     announced         AWSCURRENT, credential
 *     superseded        credential, revoke-after [, warned] [, disabled]
 *     discarded         credential, discarded                a candidate that was not proven: revoked at once
 *     revoked, proven   revoke-after …                   no `credential` label: nothing alive stands behind it
 *     forgotten         no label
 *     retired target    AWSCURRENT, retired [, removed]       a placeholder: the target left the fleet [, announced]
 *
 * A version with a `credential` label has a credential that may be alive; taking that label off is the last step of a
 * revocation. `requested`, `asked`, `refused`, `compromised`, `rollback` and `backoff` sit on the version that is to be superseded, so that they are
 * settled by themselves when it is. Every label names its version, since a label sits on one version only.
 */
export interface Version {
  readonly id: string;
  readonly labels: readonly string[];
  readonly current: boolean;
  readonly pending: boolean;
  readonly previous: boolean;
  readonly credential?: CredentialNote;
  /** The latest of its revoke-after labels. */
  readonly revokeAfter?: Date;
  /** It was a candidate, and never current. */
  readonly discarded?: boolean;
  readonly warned?: Date;
  readonly disabledAt?: Date;
  readonly requestedAt?: Date;
  readonly compromisedAt?: Date;
  /** Secrets Manager was asked to rotate. */
  readonly askedAt?: Date;
  readonly rollback?: { readonly at: Date; readonly to: string };
  /** The registry refused it, this often in a row, the last time then; while it was current. */
  readonly refused?: { readonly at: Date; readonly times: number };
  /** Superseding it failed. */
  readonly backoff?: Backoff;
  /** Revoking it failed. */
  readonly revokeBackoff?: Backoff;
  /** The id was used up so that nobody can store a credential under it any more. */
  readonly burnt?: Date;
  /** The target left the fleet file, and that was announced. */
  readonly removedAt?: Date;
  /** `rekey retire` put it in the place of the last credential, or found none there. */
  readonly retired?: true;
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
}

export interface Backoff {
  readonly failures: number;
  readonly at: Date;
  readonly until: Date;
  readonly code: ErrorCode;
  readonly spec: string;
}

export interface Ledger {
  readonly arn: string;
  readonly name: string;
  readonly deleted: boolean;
  readonly versions: readonly Version[];
  readonly current?: Version;
  /** The version labelled AWSPENDING, if it is one of ours. */
  readonly pending?: Version;
  /** A version labelled AWSPENDING for which nothing was issued yet: Secrets Manager’s own rotation begins with one. */
  readonly started?: Version;
  /** Staging labels that can still be attached, of 20 over all versions. */
  readonly free: number;
}

/** Secrets Manager's quota of staging labels over all versions of a secret. */
export const LABEL_LIMIT = 20;

/** The labels of one kind on a version, as they stand there. */
export const labelsOf = (version: Version, ...kinds: readonly Kind[]): readonly string[] =>
  version.labels.filter((label) => kinds.some((kind) => label.startsWith(`rekey:${kind}:`)));

/** All labels of rekey's on a version. */
export const ownLabels = (version: Version): readonly string[] => version.labels.filter((label) => label.startsWith('rekey:'));

/** Labels of rekey's on a version that say nothing any more: all of a dead one's, and what asked to supersede one that is. */
export function settled(version: Version): readonly string[] {
  if (version.current || version.pending) return [];
  return version.credential ? labelsOf(version, 'requested', 'asked', 'refused', 'backoff') : ownLabels(version);
}

/** A version whose credential is alive, is neither current nor pending, and so is to be revoked. */
export const superseded = (version: Version): version is Version & { readonly credential: CredentialNote } =>
  version.credential !== undefined && !version.current && !version.pending;

/** Reads the ledger of a secret. A label that is not understood is left alone. */
export function parseLedger(snapshot: Snapshot): Ledger {
  const versions = Object.entries(snapshot.versions).map(([id, stages]) => parseVersion(id, stages));
  const current = versions.find((version) => version.current);
  const pending = versions.find((version) => version.pending && version.credential);
  const started = versions.find((version) => version.pending && !version.credential && !version.current);
  const used = versions.reduce((sum, version) => sum + version.labels.length, 0);
  return {
    arn: snapshot.arn,
    name: snapshot.name,
    deleted: snapshot.deletedAt !== undefined,
    versions,
    ...(current && { current }),
    ...(pending && { pending }),
    ...(started && { started }),
    free: Math.max(0, LABEL_LIMIT - used),
  };
}

function parseVersion(id: string, stages: readonly string[]): Version {
  const version = {
    id,
    labels: stages,
    current: stages.includes('AWSCURRENT'),
    pending: stages.includes('AWSPENDING'),
    previous: stages.includes('AWSPREVIOUS'),
  };
  return stages.reduce<Version>((known, label) => Object.assign(known, parseLabel(label, known)), version);
}

/** The snapshot after a label was attached, removed or moved, as Secrets Manager leaves it. */
export function relabelled(snapshot: Snapshot, label: string, { from, to }: { from?: string; to?: string }): Snapshot {
  const versions: Record<string, readonly string[]> = { ...snapshot.versions };
  const take = (id: string, name: string) => {
    const left = (versions[id] ?? []).filter((stage) => stage !== name);
    if (left.length > 0) versions[id] = left;
    else delete versions[id];
  };
  const give = (id: string, name: string) => {
    for (const other of Object.keys(versions)) take(other, name);
    versions[id] = [...(versions[id] ?? []), name];
  };
  if (to) give(to, label);
  if (from && from !== to) {
    take(from, label);
    if (label === 'AWSCURRENT') give(from, 'AWSPREVIOUS');
  }
  return { ...snapshot, versions };
}
