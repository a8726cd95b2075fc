import {
  CreateSecretCommand,
  DeleteSecretCommand,
  type Filter,
  ListSecretsCommand,
  type ListSecretsCommandInput,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { embeddedAws, versionId } from '../../support/embedded-aws.ts';

const secrets = [
  { Name: 'Prod/App', Description: 'Pull secret', Tags: [{ Key: 'rekey:fleet', Value: 'acme' }] },
  {
    Name: 'prod/other',
    Description: 'pull secret too',
    Tags: [{ Key: 'rekey:fleet', Value: 'acme-2' }],
  },
  {
    Name: 'prod/mixed',
    Tags: [
      { Key: 'rekey:fleet', Value: 'zeta' },
      { Key: 'owner', Value: 'acme' },
    ],
  },
  { Name: 'credsDatabase892' },
];

async function setUp() {
  const world = embeddedAws();
  for (const secret of secrets) {
    await world.secretsManager.send(new CreateSecretCommand({ ...secret, SecretString: '{}' }));
    world.clock.advance(1000);
  }
  const list = async (input: ListSecretsCommandInput) => {
    const answer = await world.secretsManager.send(new ListSecretsCommand(input));
    return {
      names: answer.SecretList?.map(({ Name }) => Name),
      next: answer.NextToken,
      entries: answer.SecretList ?? [],
    };
  };
  return { ...world, list };
}

describe('filters', () => {
  const [app, other, mixed, creds] = secrets.map(({ Name }) => Name);
  test.each<[string, Filter[], (string | undefined)[]]>([
    ['name matches a prefix, with case', [{ Key: 'name', Values: ['prod'] }], [other, mixed]],
    [
      'description matches a prefix, ignoring case',
      [{ Key: 'description', Values: ['PULL'] }],
      [app, other],
    ],
    ['tag-key matches a prefix', [{ Key: 'tag-key', Values: ['rekey:'] }], [app, other, mixed]],
    ['tag-value matches a prefix', [{ Key: 'tag-value', Values: ['acme'] }], [app, other, mixed]],
    [
      'two different tags may match key and value',
      [
        { Key: 'tag-key', Values: ['rekey:fleet'] },
        { Key: 'tag-value', Values: ['acme'] },
      ],
      [app, other, mixed],
    ],
    ['one of several values is enough', [{ Key: 'name', Values: ['Prod', 'creds'] }], [app, creds]],
    ['an exclamation mark negates', [{ Key: 'name', Values: ['!prod'] }], [app, creds]],
    ['all searches words in every member', [{ Key: 'all', Values: ['My_Database'] }], [creds]],
    ['all searches tags too', [{ Key: 'all', Values: ['ZETA'] }], [mixed]],
    ['no secret has an owning service', [{ Key: 'owning-service', Values: ['rds'] }], []],
  ])('%s', async (_what, Filters, expected) => {
    const { list } = await setUp();
    expect((await list({ Filters })).names).toEqual(expected);
  });

  test('ListSecrets refuses an unknown key, invalid characters and an empty list', async () => {
    const { list } = await setUp();
    const wrong = [
      { Key: 'nope' as 'name', Values: ['a'] },
      { Key: 'name' as const, Values: ['a*'] },
      { Key: 'name' as const, Values: [] },
    ];
    for (const filter of wrong)
      await expect(list({ Filters: [filter] })).rejects.toMatchObject({
        name: 'ValidationException',
      });
  });
});

test('ListSecrets pages hold 1 to 100 secrets and follow each other', async () => {
  const { list } = await setUp();
  const one = await list({ MaxResults: 3 });
  const two = await list({ MaxResults: 3, NextToken: one.next });
  expect([one.names?.length, two.names, two.next]).toEqual([3, ['credsDatabase892'], undefined]);
  for (const MaxResults of [0, 101])
    await expect(list({ MaxResults })).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(list({ NextToken: 'nonsense' })).rejects.toMatchObject({
    name: 'InvalidNextTokenException',
  });
});

test('ListSecrets sorts by creation time, or as requested', async () => {
  const { list } = await setUp();
  expect((await list({ SortOrder: 'desc' })).names).toEqual(
    secrets.map(({ Name }) => Name).reverse(),
  );
  expect((await list({ SortBy: 'name' })).names).toEqual(secrets.map(({ Name }) => Name).sort());
});

test('ListSecrets lists a secret scheduled for deletion only on request', async () => {
  const { list, secretsManager } = await setUp();
  await secretsManager.send(new DeleteSecretCommand({ SecretId: 'prod/other' }));
  expect((await list({})).names).not.toContain('prod/other');
  expect((await list({ IncludePlannedDeletion: true })).names).toContain('prod/other');
});

test('ListSecrets may answer from a state up to five minutes old', async () => {
  const { aws, clock, list, secretsManager } = await setUp();
  aws.listLag.ms = 300_000;
  const stages = async () =>
    (await list({ Filters: [{ Key: 'name', Values: ['Prod'] }] })).entries[0]
      ?.SecretVersionsToStages;
  const before = await stages();
  await secretsManager.send(
    new PutSecretValueCommand({
      SecretId: 'Prod/App',
      ClientRequestToken: versionId(1),
      SecretString: 'b',
    }),
  );
  clock.advance(299_999);
  expect(await stages()).toEqual(before);
  clock.advance(1);
  expect(await stages()).toMatchObject({ [versionId(1)]: ['AWSCURRENT'] });
});
