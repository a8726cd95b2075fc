import {
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { formatLabel } from '../../../../lib/core/ids/label.ts';
import { formatValue, parseValue } from '../../../../lib/core/ledger/value.ts';
import { providerCall } from '../../../../lib/core/reconcile/call.ts';
import { realmsOf } from '../../../../lib/core/reconcile/index.ts';
import { Secret } from '../../../../lib/core/secret.ts';
import { plus } from '../../../../lib/core/time.ts';
import type { RotationEvent } from '../../../../lib/sandbox/aws/index.ts';
import type { MeteredWorld } from './world.ts';

/**
 * The four steps that AWS documents for a rotation function, restated: docs.aws.amazon.com,
 * secretsmanager, rotate-secrets_lambda-functions. Each step begins with DescribeSecret. `vendor`:
 * the places that the documentation leaves to the author are filled in for the world's vendor, with
 * the least that works: no grace, no revocation, no event. Without it, the password is random and
 * no vendor knows it.
 */
export function fourSteps(world: MeteredWorld, vendor: boolean) {
  const { secretsManager: client, target, provider, signal } = world;
  const describe = (SecretId: string) => client.send(new DescribeSecretCommand({ SecretId }));
  const value = async (SecretId: string, VersionStage: string, VersionId?: string) => {
    const answer = await client.send(
      new GetSecretValueCommand({ SecretId, VersionStage, VersionId }),
    );
    return answer.SecretString ?? '';
  };
  const fresh = async (version: string, arn: string): Promise<string> => {
    const engine = world.cold();
    const call = await providerCall({ engine, target, provider, signal });
    const label = formatLabel(target.fleet, arn, version);
    const life = provider.lifetime?.(target.params) ?? target.interval + target.grace;
    const expiresAt = plus(world.clock.now(), life);
    const order = provider.capabilities.expiry ? { label, expiresAt } : { label };
    const { username, password, registry, bearer } = await provider.issue(call, order);
    return formatValue({ username, password, registry, bearer }, 'fields').reveal();
  };
  const random = async () => {
    const answer = await client.send(
      new GetRandomPasswordCommand({ ExcludeCharacters: '/@"\'\\' }),
    );
    return answer.RandomPassword ?? '';
  };
  const steps = {
    async createSecret(SecretId: string, version: string) {
      await value(SecretId, 'AWSCURRENT');
      const stored = await value(SecretId, 'AWSPENDING', version).catch(() => undefined);
      if (stored !== undefined) return;
      const SecretString = vendor ? await fresh(version, SecretId) : await random();
      await client.send(
        new PutSecretValueCommand({
          SecretId,
          ClientRequestToken: version,
          SecretString,
          VersionStages: ['AWSPENDING'],
        }),
      );
    },
    async setSecret() {},
    async testSecret(SecretId: string, version: string) {
      if (!vendor) return;
      // Secrets Manager tests the function when rotation is set up, before there is a value
      const stored = await value(SecretId, 'AWSPENDING', version).catch(() => undefined);
      if (stored === undefined) return;
      const login = parseValue(new Secret(stored));
      if (!login) throw new Error('the pending version holds no login');
      const engine = world.cold();
      const { access, manifest } = target.verify;
      const question = { ...login, realms: realmsOf(engine, target), access, manifest };
      const { outcome } = await engine.registry.check(question, signal);
      if (outcome !== 'accepted') throw new Error(`the registry answered ${outcome}`);
    },
    async finishSecret(SecretId: string, version: string) {
      const { VersionIdsToStages = {} } = await describe(SecretId);
      const current = Object.keys(VersionIdsToStages).find((id) =>
        VersionIdsToStages[id]?.includes('AWSCURRENT'),
      );
      await client.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: version,
          RemoveFromVersionId: current,
        }),
      );
    },
  };
  return async ({ Step, SecretId, ClientRequestToken }: RotationEvent): Promise<void> => {
    world.invoked();
    const { RotationEnabled, VersionIdsToStages } = await describe(SecretId);
    if (!RotationEnabled || !VersionIdsToStages?.[ClientRequestToken]?.includes('AWSPENDING'))
      throw new Error('the version is not to be rotated into');
    await steps[Step](SecretId, ClientRequestToken);
  };
}
