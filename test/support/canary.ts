import {
  GetSecretValueCommand,
  paginateListSecrets,
  paginateListSecretVersionIds,
} from '@aws-sdk/client-secrets-manager';
import type { Deployment } from './deployment.ts';
import { isRecord } from './template.ts';

/** Names of fields that are no secret by themselves. */
const open: readonly string[] = ['username', 'registry', 'repository', 'accessKey'];

/**
 * Every secret text there is: in all versions of all secrets, those of the admins too, and what the
 * processes sign with.
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
    // inside a log line a document would be quoted once more
    return [text, JSON.stringify(text).slice(1, -1)].filter((one) => one.length >= 8);
  });
}
