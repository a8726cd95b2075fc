import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseLedger } from '../../lib/core/ledger/index.ts';
import { DAY } from '../../lib/core/time.ts';
import { providers } from '../../lib/providers/index.ts';
import { warpClock } from '../../lib/sandbox/clock.ts';
import { vendors } from '../../lib/sandbox/vendors/index.ts';
import { T0 } from '../support/snapshot.ts';
import { type Deployment, deploy } from './support/deployment.ts';
import { sha256 } from './support/image.ts';

/** A target that was rotated once, so that two of its versions hold live credentials. */
describe('the aws command', () => {
  const stack = new AsyncDisposableStack();
  let world: Deployment;
  let first: string;
  let second: string;

  beforeAll(async () => {
    const { ionos } = providers;
    const clock = warpClock(T0);
    const vendor = vendors.ionos?.({ clock });
    if (!ionos || !vendor) throw new Error('no provider ionos, or no simulated vendor');
    const { endpoint, close } = await vendor.start();
    stack.defer(close);
    const { admin, params } = vendor;
    world = await deploy(stack, {
      clock,
      provider: ionos,
      admin,
      endpoint: { api: endpoint },
      target: { params, soak: DAY },
    });
    await world.tick();
    first = await world.current();
    clock.jumpTo(new Date(T0.getTime() + DAY));
    await world.request('Rotation Requested');
    await world.tick();
    second = await world.current();
  });
  afterAll(() => stack.disposeAsync());

  const printed = async (...args: readonly string[]) => {
    const { status, stdout, stderr } = await world.aws(...args);
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(stdout);
  };

  test('get-secret-value prints the current version', async () => {
    const { ARN, Name, VersionId, VersionStages, SecretString, CreatedDate } = await printed(
      'get-secret-value',
      '--secret-id',
      world.target.secret,
    );
    expect({ ARN, Name, VersionId }).toEqual({
      ARN: (await world.ledger()).arn,
      Name: world.target.secret,
      VersionId: second,
    });
    expect(VersionStages).toContain('AWSCURRENT');
    expect(new Date(CreatedDate)).toEqual(new Date(T0.getTime() + DAY));
    expect(sha256(SecretString)).toBe(sha256(await world.read()));
    expect(Object.keys(JSON.parse(SecretString))).toEqual([
      'username',
      'password',
      'registry',
      'auth',
      'dockerconfigjson',
    ]);
  });

  test('get-secret-value prints the previous version by stage and by id', async () => {
    const before = sha256(await world.read(first));
    for (const which of [
      ['--version-stage', 'AWSPREVIOUS'],
      ['--version-id', first],
    ]) {
      const { VersionId, SecretString } = await printed(
        'get-secret-value',
        '--secret-id',
        world.target.secret,
        ...which,
      );
      expect([VersionId, sha256(SecretString)]).toEqual([first, before]);
    }
    const text = ['--version-id', first, '--query', 'SecretString', '--output', 'text'];
    const { stdout } = await world.aws(
      'get-secret-value',
      '--secret-id',
      world.target.secret,
      ...text,
    );
    expect(sha256(stdout.trim())).toBe(before);
  });

  test('describe-secret prints the labels of both versions, enough for the ledger', async () => {
    const { Name, ARN, VersionIdsToStages, Tags } = await printed(
      'describe-secret',
      '--secret-id',
      world.target.secret,
    );
    expect(Name).toBe(world.target.secret);
    expect(Tags).toEqual([{ Key: 'rekey:fleet', Value: 'acme' }]);
    expect(Object.keys(VersionIdsToStages)).toEqual(expect.arrayContaining([first, second]));
    expect(VersionIdsToStages[second]).toContain('AWSCURRENT');
    expect(VersionIdsToStages[first]).toContain('AWSPREVIOUS');
    expect(VersionIdsToStages[first]).toContainEqual(
      expect.stringMatching(/^rekey:1:revoke-after:/),
    );
    expect(parseLedger({ arn: ARN, name: Name, versions: VersionIdsToStages })).toEqual(
      await world.ledger(),
    );
  });

  test('list-secrets finds the secrets of the fleet without their values', async () => {
    const { SecretList } = await printed(
      'list-secrets',
      '--filters',
      'Key=tag-key,Values=rekey:fleet',
    );
    expect(SecretList).toHaveLength(1);
    expect(SecretList[0]).toMatchObject({
      Name: world.target.secret,
      ARN: (await world.ledger()).arn,
    });
    expect(SecretList[0].SecretVersionsToStages[second]).toContain('AWSCURRENT');
    expect(SecretList[0]).not.toHaveProperty('SecretString');
  });

  test('list-secrets pages through all secrets', async () => {
    const { SecretList } = await printed('list-secrets', '--page-size', '1');
    expect(SecretList.map(({ Name }: { Name: string }) => Name).sort()).toEqual([
      world.target.admin,
      world.target.secret,
    ]);
  });

  test('list-secret-version-ids prints the versions with their labels', async () => {
    const { Versions } = await printed(
      'list-secret-version-ids',
      '--secret-id',
      world.target.secret,
      '--include-deprecated',
    );
    const stages = new Map(
      Versions.map((version: { VersionId: string; VersionStages?: string[] }) => [
        version.VersionId,
        version.VersionStages,
      ]),
    );
    expect(stages.get(second)).toContain('AWSCURRENT');
    expect(stages.get(first)).toContain('AWSPREVIOUS');
  });

  test('aws names the error for an unknown secret', async () => {
    const { status, stdout, stderr } = await world.aws(
      'get-secret-value',
      '--secret-id',
      'rekey/acme/none',
    );
    expect([status, stdout]).toEqual([254, '']);
    expect(stderr).toContain(
      '(ResourceNotFoundException) when calling the GetSecretValue operation',
    );
  });
});
