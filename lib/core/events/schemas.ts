import * as z from 'zod';
import { errorCodes } from '../errors.ts';

/**
 * Version of the event schemas. Within a major version fields are only added, so a subscriber reads what it knows and
 * ignores the rest.
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
const superseded = z.object({ ...credential, revokeAfter: time.optional() });
const proof = z.object({
  /** How it is known that the credential is dead: the registry refused it; or, where it cannot be tried, the provider no longer lists it, or its expiry is over. */
  kind: z.enum(['refused-by-registry', 'gone-at-provider', 'expired']),
  at: time,
});
const failure = {
  stage: z.string(),
  errorClass: z.enum(errorCodes),
  /** Failures in a row, this one included. */
  failures: z.int().min(1),
  retryAt: time,
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
  'Revocation Due': z.object({ ...subject, ...credential, revokeAfter: time }),
  'Credential Revoked': z.object({ ...subject, ...credential, proof, reversible: z.boolean() }),
  'Credential Expired': z.object({ ...subject, ...credential, expiredAt: time, proof }),
  'Rotation Failed': z.object({ ...subject, ...failure, versionId: z.string().optional() }),
  /** Five failures in a row: tried after eight hours and then once a day, until somebody asks or its parameters change. */
  'Target Paused': z.object({
    ...subject,
    versionId: z.string(),
    failures: z.int().min(1),
    errorClass: z.enum(errorCodes),
    retryAt: time,
  }),
  'Revocation Failed': z.object({ ...subject, ...failure, ...credential }),
  'Health Changed': z.object({ ...subject, ...credential, healthy: z.boolean(), errorClass: z.enum(errorCodes).optional() }),
  'Orphan Revoked': z.object({ ...subject, credentialId: z.string() }),
  'Rolled Back': z.object({ ...subject, ...credential, from: superseded.optional() }),
  /** What a dry run would have done. */
  'Action Planned': z.object({ ...subject, action: z.string(), reason: z.string(), versionId: z.string().optional() }),
  /** `metadata.target` is the secret's name here: the fleet file names no target for it any more. */
  'Target Removed': z.object({ secretArn: z.string(), liveCredentials: z.int().min(0) }),
} as const;

export type DetailType = keyof typeof outbound;
export type EventData<Type extends DetailType> = z.infer<(typeof outbound)[Type]>;

/** `detail` of an event of this type. */
export const detailSchema = <Type extends DetailType>(type: Type) => z.object({ metadata, data: outbound[type] });

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
export const requested = z.object({ target: z.string().min(1).max(63), correlationId: z.string().max(128).optional() });

export const inboundTypes = ['Rotation Requested', 'Credential Compromised', 'Rollback Requested'] as const;
export type InboundType = (typeof inboundTypes)[number];

/** A request as EventBridge delivers it; who may put one on the bus is the bus policy's to say, not the event's. */
export const requestEnvelope = (type: InboundType) =>
  z.object({ 'detail-type': z.literal(type), source: z.string(), detail: requested });
