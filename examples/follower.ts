import { parseEvent } from 'cdk-rekey/events';

/** After each of these events, AWSCURRENT may be another version than the deployed one. */
const readAgainOn = ['Credential Rotated', 'Rolled Back', 'Revocation Due', 'Credential Revoked'];

/** rekey's placeholder instead of a login: the target is retired, or has no credential yet. */
const isPlaceholder = (value: string): boolean => value.startsWith('{"rekey":');

export interface Workload {
  /** Ids of handled events, shared by all instances and kept for two weeks. */
  readonly seen: { has(id: string): Promise<boolean>; add(id: string): Promise<void> };
  /** GetSecretValue without VersionId and VersionStage: the value of AWSCURRENT. */
  readonly readCurrent: (
    secretArn: string,
  ) => Promise<{ readonly versionId: string; readonly value: string }>;
  readonly deploy: (secretArn: string, value: string) => Promise<void>;
}

/**
 * Keeps a workload on the current credential. Throws if that fails, so that the event is delivered
 * again.
 */
export async function follow(
  envelope: unknown,
  { seen, readCurrent, deploy }: Workload,
): Promise<void> {
  const event = parseEvent(envelope); // undefined: not an event of rekey, or a newer type
  if (!event || !readAgainOn.includes(event['detail-type'])) return;
  const { metadata, data } = event.detail;
  if (await seen.has(metadata.id)) return;
  let deployed: string | undefined;
  // read again after each deployment: another version may have become current in the meantime
  for (;;) {
    const { versionId, value } = await readCurrent(data.secretArn);
    if (versionId === deployed || isPlaceholder(value)) break;
    await deploy(data.secretArn, value);
    deployed = versionId;
  }
  await seen.add(metadata.id); // last, so that an earlier failure is retried
}
