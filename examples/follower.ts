import { parseEvent } from 'cdk-rekey/events';

/** After each of these AWSCURRENT may be another version than the one that is deployed. */
const readAgainOn = ['Credential Rotated', 'Rolled Back', 'Revocation Due', 'Credential Revoked'];

/** What rekey puts in place of a login: the target is retired, or has no credential yet. */
const isPlaceholder = (value: string): boolean => value.startsWith('{"rekey":');

export interface Workload {
  /** Ids of the events that are done; shared by all instances, and kept for two weeks. */
  readonly seen: { has(id: string): Promise<boolean>; add(id: string): Promise<void> };
  /** GetSecretValue without VersionId and VersionStage: what AWSCURRENT holds now. */
  readonly readCurrent: (
    secretArn: string,
  ) => Promise<{ readonly versionId: string; readonly value: string }>;
  readonly deploy: (secretArn: string, value: string) => Promise<void>;
}

/**
 * Keeps a workload on the credential that is current. Throws if it could not, so that the event is
 * delivered again.
 */
export async function follow(
  envelope: unknown,
  { seen, readCurrent, deploy }: Workload,
): Promise<void> {
  const event = parseEvent(envelope); // undefined: not an event of rekey, or of a type added later
  if (!event || !readAgainOn.includes(event['detail-type'])) return;
  const { metadata, data } = event.detail;
  if (await seen.has(metadata.id)) return;
  let deployed: string | undefined;
  // reads once more after each deployment: another version may have become current meanwhile
  for (;;) {
    const { versionId, value } = await readCurrent(data.secretArn);
    if (versionId === deployed || isPlaceholder(value)) break;
    await deploy(data.secretArn, value);
    deployed = versionId;
  }
  await seen.add(metadata.id); // last, so that a failure before it is repeated
}
