import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerServiceException,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { embeddedAws, versionId } from '../../support/embedded-aws.ts';
import { runs } from '../../support/sample.ts';

const id = fc.integer({ min: 0, max: 5 }).map(versionId);
const label = fc.oneof(
  fc.constantFrom('AWSCURRENT', 'AWSPREVIOUS', 'AWSPENDING'),
  fc.integer({ min: 0, max: 24 }).map((n) => `label-${n}`),
);
const labels = fc.uniqueArray(label, { minLength: 1, maxLength: 8 });
const some = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const call = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    id,
    value: fc.constantFrom('a', 'b'),
    labels: some(labels),
  }),
  fc.record({ kind: fc.constant('update' as const), id, value: fc.constantFrom('a', 'b') }),
  fc.record({ kind: fc.constant('move' as const), label, from: some(id), to: some(id) }),
);

type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never;

const SecretId = 'app';

function command(one: Call) {
  if (one.kind === 'move') {
    return new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: one.label,
      RemoveFromVersionId: one.from,
      MoveToVersionId: one.to,
    });
  }
  const value = { SecretId, ClientRequestToken: one.id, SecretString: one.value };
  return one.kind === 'put'
    ? new PutSecretValueCommand({ ...value, VersionStages: one.labels })
    : new UpdateSecretCommand(value);
}

test('after any calls, each label is on one version and one version is current', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 5, maxLength: 30 }), async (calls) => {
      const { secretsManager, createSecret, aws } = embeddedAws();
      await createSecret(SecretId);
      for (const one of calls) {
        const before =
          (await secretsManager.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages ??
          {};
        const failed = await secretsManager.send(command(one) as PutSecretValueCommand).then(
          () => false,
          (error: unknown) => error instanceof SecretsManagerServiceException,
        );
        const after =
          (await secretsManager.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages ??
          {};
        if (failed) expect(after).toEqual(before);
        const all = Object.values(after).flat();
        expect(new Set(all).size).toBe(all.length);
        expect(all.length).toBeLessThanOrEqual(20);
        expect(all.filter((stage) => stage === 'AWSCURRENT')).toHaveLength(1);
        const [left] =
          Object.entries(before).find(([, stages]) => stages.includes('AWSCURRENT')) ?? [];
        if (left && !after[left]?.includes('AWSCURRENT'))
          expect(after[left]).toContain('AWSPREVIOUS');
        expect(
          (await secretsManager.send(new GetSecretValueCommand({ SecretId }))).VersionStages,
        ).toContain('AWSCURRENT');
      }
      await aws.close();
    }),
    { numRuns: runs(60) },
  );
});
