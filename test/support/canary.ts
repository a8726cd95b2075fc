import {
  GetSecretValueCommand,
  paginateListSecrets,
  paginateListSecretVersionIds,
} from '@aws-sdk/client-secrets-manager';
import type { Deployment } from './deployment.ts';
import { isRecord } from './template.ts';

/** Names of fields that hold no secret. */
const open: readonly string[] = ['username', 'registry', 'repository', 'accessKey'];

/**
 * Every secret text: all versions of all secrets, including those of the admins, and the signing
 * keys of the processes.
 */
export async function secretsOf({
  clients: { secretsManager: client },
}: Pick<Deployment, 'clients'>): Promise<readonly string[]> {
  const found = new Set(['secret-access-key-of-', 'session-token-of-']);
  for await (const { SecretList = [] } of paginateListSecrets({ client }, {})) {
    for (const { ARN: SecretId } of SecretList) {
      for await (const { Versions = [] } of paginateListSecretVersionIds(
        { client },
        { SecretId, IncludeDeprecated: true },
      )) {
        for (const { VersionId } of Versions) {
          const value = await client
            .send(new GetSecretValueCommand({ SecretId, VersionId }))
            .catch(() => undefined);
          for (const text of textsIn(value?.SecretString ?? '')) found.add(text);
        }
      }
    }
  }
  return [...found];
}

function textsIn(value: string): readonly string[] {
  const json: unknown = value.startsWith('{') ? JSON.parse(value) : {};
  if (!isRecord(json)) return [];
  return Object.entries(json).flatMap(([name, text]) => {
    if (typeof text !== 'string' || open.includes(name)) return [];
    // inside a log line a document is quoted once more
    return [text, JSON.stringify(text).slice(1, -1)].filter((one) => one.length >= 8);
  });
}
