import type { Account } from './account.ts';
import { AwsError } from './aws-error.ts';
import type { Operation } from './operation.ts';
import { emptyState, type SecretState } from './state.ts';

/**
 * The account as another region sees it: of its secrets the replicas there, which can only be read;
 * no bus, no rule. A secret, like a bus, belongs to a region, so that a client of the wrong one
 * finds nothing.
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

/** Operations that would make something which another region would have to keep. */
export const makes = (name: string): boolean => /^(Create|PutRule|PutTargets)/.test(name);

/** Stricter than AWS, which has all regions. */
export const refusedIn =
  (wanted: string, region: string): Operation =>
  () => {
    throw new AwsError(
      'InvalidRequestException',
      `the embedded AWS is in ${region}; it has nothing in ${wanted}`,
    );
  };
