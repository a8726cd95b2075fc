import type { Clock } from '../../core/ports.ts';
import { AwsError } from './aws-error.ts';

/**
 * Secrets Manager's quotas in requests a second, for the account and region together. They apply
 * only while `enabled` is set.
 */
export interface Quotas {
  enabled: boolean;
  /** PutSecretValue, UpdateSecret, UpdateSecretVersionStage and replication together. */
  writes: number;
  /** DescribeSecret and GetSecretValue together. */
  reads: number;
  /** ListSecrets. */
  lists: number;
}

type Group = Exclude<keyof Quotas, 'enabled'>;

const groups: Readonly<Record<string, Group>> = {
  'secretsmanager.PutSecretValue': 'writes',
  'secretsmanager.UpdateSecret': 'writes',
  'secretsmanager.UpdateSecretVersionStage': 'writes',
  'secretsmanager.ReplicateSecretToRegions': 'writes',
  'secretsmanager.RemoveRegionsFromReplication': 'writes',
  'secretsmanager.DescribeSecret': 'reads',
  'secretsmanager.GetSecretValue': 'reads',
  'secretsmanager.ListSecrets': 'lists',
};

/** One token bucket a group, one second deep. */
export function createQuotas(clock: Clock): {
  readonly quotas: Quotas;
  take(operation: string): void;
} {
  const quotas: Quotas = { enabled: false, writes: 50, reads: 10_000, lists: 50 };
  const buckets = new Map<Group, { tokens: number; at: number }>();
  return {
    quotas,
    take(operation) {
      const group = Object.hasOwn(groups, operation) ? groups[operation] : undefined;
      if (!quotas.enabled || group === undefined) return;
      const at = clock.now().getTime();
      const bucket = buckets.get(group) ?? { tokens: quotas[group], at };
      const tokens = Math.min(
        quotas[group],
        bucket.tokens + ((at - bucket.at) / 1000) * quotas[group],
      );
      if (tokens < 1) throw new AwsError('ThrottlingException', 'Rate exceeded');
      buckets.set(group, { tokens: tokens - 1, at });
    },
  };
}
