import type { Account } from './account.ts';
import { AwsError } from './aws-error.ts';
import type { Operation } from './operation.ts';
import { emptyState, type SecretState } from './state.ts';

/**
 * The account as seen from another region: only the read-only replicas there, no bus and no rule. A
 * client of the wrong region finds nothing, because secrets and buses belong to a region.
 */
export function elsewhere(home: Account, region: string): Account {
  const secrets = home.state.secrets.filter(({ replicaRegions }) =>
    replicaRegions?.includes(region),
  );
  return {
    ...home,
    region,
    state: {
      ...emptyState(),
      secrets: secrets.map((secret) => replicaOf(secret, home.region, region)),
    },
  };
}

function replicaOf(secret: SecretState, home: string, region: string): SecretState {
  const { replicaRegions: _, rotation: __, ...copied } = structuredClone(secret);
  return { ...copied, arn: secret.arn.replace(`:${home}:`, `:${region}:`), primaryRegion: home };
}

/** Operations that create something that another region would have to keep. */
export const makes = (name: string): boolean => /^(Create|PutRule|PutTargets)/.test(name);

/** Stricter than AWS: this one region exists. */
export const refusedIn =
  (wanted: string, region: string): Operation =>
  () => {
    throw new AwsError(
      'InvalidRequestException',
      `the embedded AWS is in ${region}; it has nothing in ${wanted}`,
    );
  };
