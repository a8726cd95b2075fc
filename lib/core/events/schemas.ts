import * as z from 'zod';
import { errorCodes } from '../errors.ts';
import { CORRELATION_ID } from '../ids/correlation.ts';

/**
 * Version of the event schemas. Within a major version fields are only added, so a subscriber reads
 * what it knows and ignores the rest.
 */
export const schemaVersion = '1.0';

const metadata = z.object({
  /** The same each time one transition is announced: drop what you have seen. */
  id: z.uuid(),
  schemaVersion: z.string().regex(/^1\.\d+$/),
  time: z.iso.datetime(),
  fleet: z.string(),
  target: z.string(),
  /** The same for all that one run of rekey did to the target. */
  correlationId: z.string(),
});

const time = z.iso.datetime();
const subject = { provider: z.string(), secretArn: z.string() };
const credential = { versionId: z.string(), credentialId: z.string() };
const superseded = z.object({
  ...credential,
  /** When it stops working: revoked then, or expired. Absent if that is not known. */
  revokeAfter: time.optional(),
  endsBy: z.enum(['revocation', 'expiry']).optional(),
  /** False if it is dead already, whatever its end would have been. */
  alive: z.boolean().optional(),
});
const proof = z.object({
  /**
   * How it is known that the credential is dead: the registry refused it; or, where it cannot be
   * tried, the provider no longer lists it, or its expiry is over.
   */
  kind: z.enum(['refused-by-registry', 'gone-at-provider', 'expired']),
  /**
   * What stands beside a refusal: the same registry accepted the current credential in the same
   * minute; or, without one to compare it with, the provider said that it had ended it, or its
   * expiry was over.
   */
  control: z.enum(['current-credential', 'provider', 'expiry']).optional(),
  at: time,
});
const failure = {
  stage: z.string(),
  errorClass: z.enum(errorCodes),
  /** Failures in a row, this one included. */
  failures: z.int().min(1),
  /** When it is tried again; absent if that is not known. */
  retryAt: time.optional(),
  /** True if it cannot succeed before a person changes something. */
  terminal: z.boolean(),
};

/** `detail.data` of every event rekey publishes, by detail type: an allow-list. */
export const outbound = {
  'Credential Rotated': z.object({
    ...subject,
    ...credential,
    reason: z.string(),
    issuedAt: time,
    expiresAt: time.optional(),
    /** The credential before it, alive until `revokeAfter`. */
    previous: superseded.optional(),
    /** Regions whose replica of the secret had not got it when it was announced all the same. */
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
    /** It is disabled, and deleted after the soak. */
    reversible: z.boolean(),
  }),
  /** Disabled before, and deleted now that the soak is over. */
  'Credential Deleted': z.object({ ...subject, ...credential }),
  /** It was disabled, and is alive again: a rollback to it is under way. */
  'Credential Restored': z.object({ ...subject, ...credential }),
  /**
   * rekey stops trying to end it: `unproven`, deleted by the provider's word alone; `out-of-reach`
   * and `failing`, it may be alive.
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
     * A credential may have been issued although no answer came: under this label at the provider,
     * until it expires.
     */
    mayBeAlive: z.object({ label: z.string(), until: time.optional() }).optional(),
  }),
  /** A request has to wait, or is refused for good (`final`). */
  'Request Held': z.object({
    ...subject,
    request: z.enum(['Rotation Requested', 'Credential Compromised']),
    versionId: z.string(),
    /** What it waits for. */
    gate: z.string(),
    until: time.optional(),
    final: z.boolean(),
  }),
  /** Tried again after hours, and then once a day, until somebody asks or its parameters change. */
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
    /** It is disabled already: what failed is its deletion. */
    disabled: z.boolean().optional(),
  }),
  'Health Changed': z.object({
    ...subject,
    ...credential,
    healthy: z.boolean(),
    errorClass: z.enum(errorCodes).optional(),
  }),
  /**
   * The admin credential in the secret `admin` is about to end, or has: told once a day, from 30
   * days before.
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
   * A rollback was requested, and did not happen: nothing is tried again. `versionId`: what it was
   * to go to.
   */
  'Rollback Failed': z.object({
    ...subject,
    fromVersionId: z.string(),
    versionId: z.string().optional(),
    errorClass: z.enum(errorCodes),
    final: z.literal(true),
  }),
  /** What a dry run would have done. */
  'Action Planned': z.object({
    ...subject,
    action: z.string(),
    reason: z.string(),
    versionId: z.string().optional(),
  }),
  /**
   * `metadata.target` is the secret's name here: the fleet file names no target for it any more.
   */
  'Target Removed': z.object({
    secretArn: z.string(),
    /** How many can be logged in with: neither disabled nor expired. */
    liveCredentials: z.int().min(0),
    /** Those. */
    credentials: z.array(z.object({ ...credential, expiresAt: time.optional() })).optional(),
  }),
  /**
   * `rekey retire` is over: every credential of the removed target is dead. `metadata.target` is
   * the secret's name.
   */
  'Target Retired': z.object({ secretArn: z.string() }),
} as const;

export type DetailType = keyof typeof outbound;
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

/** `detail` of the events rekey listens to: they name a target, and decide nothing else. */
export const requested = z.object({
  target: z.string().min(1).max(63),
  correlationId: z.string().regex(CORRELATION_ID).optional(),
});

export const inboundTypes = [
  'Rotation Requested',
  'Credential Compromised',
  'Compromise Confirmed',
  'Rollback Requested',
] as const;

export type InboundType = (typeof inboundTypes)[number];

/**
 * What principals of other accounts may ask for. Whoever confirms a compromise releases a brake, so
 * it is not for whoever set it off.
 */
export const requesterTypes: readonly InboundType[] = inboundTypes.filter(
  (type) => type !== 'Compromise Confirmed',
);

/**
 * A request as EventBridge delivers it; who may put one on the bus is the bus policy's to say, not
 * the event's.
 */
export const requestEnvelope = (type: InboundType) =>
  z.object({ 'detail-type': z.literal(type), source: z.string(), detail: requested });
