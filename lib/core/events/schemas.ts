import * as z from 'zod';
import { errorCodes } from '../errors.ts';
import { CORRELATION_ID } from '../ids/correlation.ts';

/**
 * Version of the event schemas. Within a major version, fields are only added, so a subscriber
 * reads the fields that it knows and ignores the rest.
 */
export const schemaVersion = '1.0';

const metadata = z.object({
  /** The same each time one transition is announced: drop an id that you have seen. */
  id: z.uuid(),
  schemaVersion: z.string().regex(/^1\.\d+$/),
  time: z.iso.datetime(),
  fleet: z.string(),
  target: z.string(),
  /** The same for all actions of one run on the target. */
  correlationId: z.string(),
});

const time = z.iso.datetime();
const subject = { provider: z.string(), secretArn: z.string() };
const credential = { versionId: z.string(), credentialId: z.string() };
const superseded = z.object({
  ...credential,
  /** When it stops working: it is revoked then, or expires. Absent if that is not known. */
  revokeAfter: time.optional(),
  endsBy: z.enum(['revocation', 'expiry']).optional(),
  /** False if it is already dead. */
  alive: z.boolean().optional(),
});
const proof = z.object({
  /**
   * The proof that the credential is dead: the registry refused it; or, if it cannot be checked
   * there, the provider no longer lists it, or it has expired.
   */
  kind: z.enum(['refused-by-registry', 'gone-at-provider', 'expired']),
  /**
   * The control of a refusal: the same registry accepted the current credential in the same minute;
   * or, if there is none to compare with, the provider confirmed the end, or the expiry is over.
   */
  control: z.enum(['current-credential', 'provider', 'expiry']).optional(),
  at: time,
});
const failure = {
  stage: z.string(),
  errorClass: z.enum(errorCodes),
  /** Failures in a row, this one included. */
  failures: z.int().min(1),
  /** When rekey retries; absent if that is not known. */
  retryAt: time.optional(),
  /** True if it cannot succeed before a person changes something. */
  terminal: z.boolean(),
};

/**
 * `detail.data` of every event that rekey publishes, by detail type: an allow-list. The JSON
 * Schemas in schema/events describe each field.
 */
export const outbound = {
  'Credential Rotated': z.object({
    ...subject,
    ...credential,
    reason: z.string(),
    issuedAt: time,
    expiresAt: time.optional(),
    /** The previous credential, alive until `revokeAfter`. */
    previous: superseded.optional(),
    /** Regions whose replica of the secret did not have the version yet when it was announced. */
    replicasBehind: z.array(z.string()).optional(),
  }),
  'Revocation Due': z.object({
    ...subject,
    ...credential,
    revokeAfter: time,
    endsBy: z.enum(['revocation', 'expiry']).optional(),
  }),
  'Credential Revoked': z.object({
    ...subject,
    ...credential,
    proof,
    /** True if it is disabled now, and will be deleted after the soak. */
    reversible: z.boolean(),
  }),
  /** A disabled credential was deleted after its soak. */
  'Credential Deleted': z.object({ ...subject, ...credential }),
  /** A disabled credential is alive again: a rollback to it is under way. */
  'Credential Restored': z.object({ ...subject, ...credential }),
  /**
   * rekey stops trying to end a credential. `unproven`: only the provider confirmed its deletion;
   * `out-of-reach` and `failing`: it may be alive.
   */
  'Revocation Abandoned': z.object({
    ...subject,
    ...credential,
    reason: z.enum(['unproven', 'out-of-reach', 'failing']),
    errorClass: z.enum(errorCodes),
    /** When the provider confirmed its end. */
    confirmedAt: time.optional(),
    expiresAt: time.optional(),
  }),
  'Credential Expired': z.object({ ...subject, ...credential, expiredAt: time, proof }),
  'Rotation Failed': z.object({
    ...subject,
    ...failure,
    versionId: z.string().optional(),
    /**
     * A credential may have been issued although no answer came. It has this label at the provider,
     * and may be alive until it expires.
     */
    mayBeAlive: z.object({ label: z.string(), until: time.optional() }).optional(),
  }),
  /** A request has to wait, or is refused for good (`final`). */
  'Request Held': z.object({
    ...subject,
    request: z.enum(['Rotation Requested', 'Credential Compromised']),
    versionId: z.string(),
    /** The gate that it waits for. */
    gate: z.string(),
    until: time.optional(),
    final: z.boolean(),
  }),
  /**
   * rekey retries after hours, and then once a day, until a request arrives or the parameters
   * change.
   */
  'Target Paused': z.object({
    ...subject,
    versionId: z.string(),
    failures: z.int().min(1),
    errorClass: z.enum(errorCodes),
    retryAt: time.optional(),
  }),
  'Revocation Failed': z.object({
    ...subject,
    ...failure,
    ...credential,
    /** True if it is already disabled, and its deletion failed. */
    disabled: z.boolean().optional(),
  }),
  'Health Changed': z.object({
    ...subject,
    ...credential,
    healthy: z.boolean(),
    errorClass: z.enum(errorCodes).optional(),
  }),
  /**
   * The admin credential in the secret `admin` is about to expire, or has expired: announced once a
   * day, from 30 days before.
   */
  'Admin Credential Expiring': z.object({ ...subject, admin: z.string(), expiresAt: time }),
  'Orphan Revoked': z.object({ ...subject, credentialId: z.string() }),
  'Rolled Back': z.object({
    ...subject,
    ...credential,
    /** The credential that was left, alive until `revokeAfter`. */
    from: superseded.optional(),
    replicasBehind: z.array(z.string()).optional(),
  }),
  /**
   * A requested rollback failed for good: rekey does not retry it. `versionId`: its destination.
   */
  'Rollback Failed': z.object({
    ...subject,
    fromVersionId: z.string(),
    versionId: z.string().optional(),
    errorClass: z.enum(errorCodes),
    final: z.literal(true),
  }),
  /** The action that a dry run left out. */
  'Action Planned': z.object({
    ...subject,
    action: z.string(),
    reason: z.string(),
    versionId: z.string().optional(),
  }),
  /**
   * A secret left the fleet file. `metadata.target` is the secret's name, since no target names it.
   */
  'Target Removed': z.object({
    secretArn: z.string(),
    /** Number of credentials that still work: neither disabled nor expired. */
    liveCredentials: z.int().min(0),
    /** The credentials that still work. */
    credentials: z.array(z.object({ ...credential, expiresAt: time.optional() })).optional(),
  }),
  /**
   * `rekey retire` is complete: every credential of the removed target is dead. `metadata.target`
   * is the secret's name.
   */
  'Target Retired': z.object({ secretArn: z.string() }),
} as const;

/** The `detail-type` of an event that rekey publishes, such as `Credential Rotated`. */
export type DetailType = keyof typeof outbound;
/** `detail.data` of an event of this type. */
export type EventData<Type extends DetailType> = z.infer<(typeof outbound)[Type]>;

/** `detail` of an event of this type. */
export const detailSchema = <Type extends DetailType>(type: Type) =>
  z.object({ metadata, data: outbound[type] });

/** An event as EventBridge delivers it to a subscriber. */
export const envelopeSchema = <Type extends DetailType>(type: Type) =>
  z.object({
    version: z.string(),
    id: z.string(),
    'detail-type': z.literal(type),
    source: z.literal('rekey'),
    account: z.string(),
    time: z.string(),
    region: z.string(),
    resources: z.array(z.string()),
    detail: detailSchema(type),
  });

/**
 * `detail` of the events that rekey accepts: they name a target, and nothing else in them matters.
 */
export const requested = z.object({
  target: z.string().min(1).max(63),
  correlationId: z.string().regex(CORRELATION_ID).optional(),
});

/** The `detail-type` of each request that rekey accepts from EventBridge. */
export const inboundTypes = [
  'Rotation Requested',
  'Credential Compromised',
  'Compromise Confirmed',
  'Rollback Requested',
] as const;

/** The `detail-type` of a request, such as `Rotation Requested`. */
export type InboundType = (typeof inboundTypes)[number];

/**
 * The requests that principals of other accounts may send. Confirming a compromise releases a
 * brake, so a principal that can report one must not confirm it.
 */
export const requesterTypes: readonly InboundType[] = inboundTypes.filter(
  (type) => type !== 'Compromise Confirmed',
);

/** A request as EventBridge delivers it. The bus policy decides who may send one, not the event. */
export const requestEnvelope = (type: InboundType) =>
  z.object({ 'detail-type': z.literal(type), source: z.string(), detail: requested });
