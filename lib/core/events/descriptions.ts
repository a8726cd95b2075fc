/*
 * The texts of the JSON Schemas. They are not `.describe()` calls in schemas.ts, because every
 * bundle of a function would carry them.
 */

/** The meaning of a property, wherever it occurs in an event or a request. */
export const properties: Readonly<Record<string, string>> = {
  version: 'Version of the EventBridge envelope.',
  account: 'Id of the AWS account that the event comes from.',
  region: 'AWS region that the event comes from.',
  resources: 'The ARN of the secret.',
  source: 'Sender of the event, according to EventBridge.',
  'detail-type': 'Type of the event; it determines the shape of `detail`.',
  detail: 'The content of the event.',
  metadata: 'Fields that every event of rekey has.',
  data: 'Fields of this type of event. No field holds a password or an error text.',
  id: 'Names one transition. A repeated announcement has the same id: drop one that you have seen.',
  schemaVersion: 'Version of the event schemas. Within a major version, fields are only added.',
  time: 'When rekey published the event. A repeated announcement has a later time.',
  fleet: 'Id of the fleet.',
  target: 'Name of the target in the fleet file.',
  correlationId:
    'The same on all events of one run on the target. If a request caused the run: the text that ' +
    'the requester chose.',
  provider: 'Name of the provider that the credential lives at.',
  secretArn: 'ARN of the secret.',
  versionId: 'Id of the version in Secrets Manager.',
  credentialId: 'Id of the credential at the provider.',
  reason: 'Why rekey acts.',
  issuedAt: 'When the credential was issued.',
  expiresAt: 'When it expires; absent if it does not expire, or if that is not known.',
  previous: 'The credential that this one replaces, alive until its `revokeAfter`.',
  revokeAfter: 'When the credential stops working: it is revoked then, or expires.',
  endsBy: 'How the credential ends.',
  alive: 'False if the credential is already dead.',
  replicasBehind: 'Regions whose replica of the secret did not have the version yet.',
  proof: 'The proof that the credential is dead.',
  kind:
    'The registry refused the credential; or, if it cannot be checked there, the provider no ' +
    'longer lists it, or it has expired.',
  control:
    'Why the refusal is believed: the same registry accepted the current credential in the same ' +
    'minute; or, without one to compare with, the provider confirmed the end, or it has expired.',
  at: 'When the proof was made.',
  reversible: 'True if the credential is disabled now, and will be deleted after the soak.',
  errorClass: 'Class of the error.',
  confirmedAt: 'When the provider confirmed the end of the credential.',
  expiredAt: 'When the credential expired.',
  stage: 'Step of the transition that failed.',
  failures: 'Failures in a row, this one included.',
  retryAt: 'When rekey retries; absent if that is not known.',
  terminal: 'True if it cannot succeed before a person changes something.',
  mayBeAlive: 'A credential that may have been issued although no answer came.',
  label: 'Its label at the provider.',
  until: 'The latest time at which this ends; absent if that is not known.',
  request: 'Type of the request.',
  gate: 'The gate that the request waits for.',
  final: 'True if this is the final outcome: rekey does not try again.',
  disabled: 'True if the credential is already disabled, and only its deletion failed.',
  healthy: 'True if the registry accepts the current credential.',
  admin: 'Name of the secret that holds the admin credential.',
  from: 'The credential that was current before the rollback, alive until its `revokeAfter`.',
  fromVersionId: 'Id of the version that is still current.',
  action: 'The action that the dry run left out.',
  liveCredentials: 'Number of credentials that still work: neither disabled nor expired.',
  credentials: 'The credentials that still work.',
};

/** Properties with another meaning in one place: their path in the envelope, of one type or any. */
export const exceptions: Readonly<Record<string, string>> = {
  id: 'Id that EventBridge gave the event. A repeated announcement has another one.',
  time: 'When EventBridge received the event.',
  'detail.correlationId': 'Your own text. Every event that the request causes repeats it.',
  'Revocation Abandoned/detail.data.reason':
    '`unproven`: only the provider confirmed the deletion; `out-of-reach` and `failing`: the ' +
    'credential may be alive.',
  'Rotation Failed/detail.data.versionId': 'Id of the version that stays current.',
  'Target Paused/detail.data.versionId': 'Id of the version that stays current.',
  'Rollback Failed/detail.data.versionId': 'Id of the version that was to become current again.',
  'Admin Credential Expiring/detail.data.expiresAt': 'When the admin credential expires.',
  'Target Removed/detail.metadata.target': 'Name of the secret, because no target names it.',
  'Target Retired/detail.metadata.target': 'Name of the secret, because no target names it.',
};
