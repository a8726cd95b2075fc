import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Match } from 'aws-cdk-lib/assertions';
import { AccountPrincipal, ArnPrincipal, OrganizationPrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import { draft4Schemas } from '../../lib/cdk/event-schemas.ts';
import { inboundTypes } from '../../lib/core/events/index.ts';
import { allows, type Context, parsePolicy } from '../support/iam.ts';
import { propertiesOf, type Statement, synthesised, usual } from './support/synthesis.ts';

const { template } = usual();
const env = { region: 'eu-central-1', account: '111111111111' };

test('the archive keeps rekey’s events for ninety days, and no requests', () => {
  template.hasResourceProperties('AWS::Events::Archive', {
    RetentionDays: 90,
    EventPattern: { source: ['rekey'] },
  });
});

test('the log keeps all events and requests for a year', () => {
  template.hasResourceProperties('AWS::Logs::LogGroup', {
    LogGroupName: '/aws/events/rekey-demo',
    RetentionInDays: 365,
  });
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: { $or: [{ source: ['rekey'] }, { 'detail-type': [...inboundTypes] }] },
    Targets: [Match.objectLike({ Id: 'history' })],
  });
});

describe('the schema registry', () => {
  const schemas = propertiesOf(template, 'AWS::EventSchemas::Schema') as readonly {
    readonly SchemaName: string;
    readonly Type: string;
    readonly Content: string;
  }[];
  const contentOf = (name: string) => {
    const found = schemas.find(({ SchemaName }) => SchemaName === name);
    if (!found) throw new Error(`no schema ${name}`);
    return JSON.parse(found.Content) as Readonly<Record<string, unknown>>;
  };

  test('the schema registry has a schema per event and request, named as AWS does', () => {
    expect(schemas.map(({ SchemaName }) => SchemaName)).toEqual(
      expect.arrayContaining([
        'rekey@CredentialRotated',
        'rekey@TargetRemoved',
        'rekey@RotationRequested',
      ]),
    );
    expect(schemas).toHaveLength(Object.keys(draft4Schemas()).length);
    expect(schemas.every(({ Type }) => Type === 'JSONSchemaDraft4')).toBe(true);
  });

  test.each(schemas.map(({ SchemaName }) => SchemaName))(
    'schema %s is Draft 4, without later keywords',
    (name) => {
      const content = contentOf(name);
      expect(content.$schema).toBe('http://json-schema.org/draft-04/schema#');
      expect(laterThanDraft4(content)).toEqual([]);
    },
  );

  test('the check for Draft 4 finds later keywords', () => {
    expect(
      laterThanDraft4({ properties: { const: { exclusiveMinimum: 1, const: 'a' } }, $defs: {} }),
    ).toEqual(['exclusiveMinimum', 'const', '$defs']);
  });

  test.each(readdirSync('test/fixtures/events/1.0'))(
    'the frozen event %s matches its schema, and another event does not',
    (file) => {
      const event = JSON.parse(
        readFileSync(`test/fixtures/events/1.0/${file}`, 'utf8'),
      ) as Readonly<Record<string, unknown>>;
      const { $schema, ...schema } = contentOf(
        `rekey@${String(event['detail-type']).replaceAll(' ', '')}`,
      );
      // a later validator reads Draft 4, and ignores what changed
      const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
      expect(validate(event), JSON.stringify(validate.errors)).toBe(true);
      expect(validate({ ...event, source: 'somebody' })).toBe(false);
      expect(validate({ ...event, detail: {} })).toBe(false);
    },
  );
});

/** Keywords of later drafts, or keywords with another meaning there. */
function laterThanDraft4(schema: unknown, named = false): string[] {
  if (Array.isArray(schema)) return schema.flatMap((inner) => laterThanDraft4(inner));
  if (typeof schema !== 'object' || schema === null)
    return typeof schema === 'boolean' && named ? ['a boolean as a schema'] : [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (named) return laterThanDraft4(value);
    if (later.includes(key)) return [key];
    if (/^exclusive/.test(key) && typeof value !== 'boolean') return [key];
    if (['enum', 'default', 'required'].includes(key)) return [];
    return laterThanDraft4(value, ['properties', 'patternProperties', 'definitions'].includes(key));
  });
}
const later = [
  'const',
  '$defs',
  '$id',
  '$anchor',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'prefixItems',
  'examples',
].concat([
  'dependentSchemas',
  'dependentRequired',
  'unevaluatedProperties',
  'contentEncoding',
  'contentMediaType',
  'readOnly',
  '$comment',
]);

describe('the rule that takes requests', () => {
  const patternOf = (more: Parameters<typeof synthesised>[0]) => {
    const rules = propertiesOf(synthesised(more, { env }).template, 'AWS::Events::Rule');
    const found = rules.map(
      ({ EventPattern }) => EventPattern as Readonly<Record<string, unknown>>,
    );
    return found.find((pattern) => pattern['detail-type']);
  };

  test('the rule for requests accepts requests of this account only', () => {
    expect(patternOf({})).toEqual({ 'detail-type': [...inboundTypes], account: [env.account] });
  });

  test('the rule for requests accepts the accounts of the requesters too', () => {
    const requesters = [
      new AccountPrincipal('222222222222'),
      new ArnPrincipal('arn:aws:iam::333333333333:role/security'),
    ];
    expect(patternOf({ requesters })?.account).toEqual([
      env.account,
      '222222222222',
      '333333333333',
    ]);
  });

  test('the rule for requests is limited to the named accounts and sources', () => {
    const requestSources = { accounts: ['222222222222'], sources: ['acme.security'] };
    expect(patternOf({ requestSources })).toMatchObject({
      account: ['222222222222'],
      source: ['acme.security'],
    });
  });

  test('a requester without a known account has to be named in requestSources', () => {
    const requesters = [new OrganizationPrincipal('o-a1b2c3d4e5')];
    expect(() => patternOf({ requesters })).toThrow(
      /account of a principal .* expected the accounts of all of them/,
    );
    expect(patternOf({ requesters, requestSources: { accounts: ['222222222222'] } })).toBeDefined();
  });
});

describe('the bus policy', () => {
  const policies = (more: Parameters<typeof synthesised>[0]) =>
    propertiesOf(synthesised(more, { env }).template, 'AWS::Events::EventBusPolicy').map(
      ({ Statement }) => Statement as Statement,
    );

  test('the bus has no policy by default, so only its own account may use it', () => {
    expect(policies({})).toEqual([]);
  });

  test('the bus policy lets requesters send requests, but no events as rekey', () => {
    const requesters = [
      new AccountPrincipal('222222222222'),
      new ArnPrincipal('arn:aws:iam::333333333333:role/security'),
    ];
    const found = policies({ requesters });
    expect(found).toHaveLength(2);
    for (const { Effect, Action, Condition } of found) {
      expect({ Effect, Action }).toEqual({ Effect: 'Allow', Action: 'events:PutEvents' });
      expect(Condition).toEqual({
        StringEquals: {
          'events:detail-type': [
            'Rotation Requested',
            'Credential Compromised',
            'Rollback Requested',
          ],
        },
        'ForAllValues:StringNotEquals': { 'events:source': 'rekey' },
        Null: { 'events:source': 'false' },
      });
    }
    expect(JSON.stringify(found)).toContain('arn:aws:iam::333333333333:role/security');
  });

  test('the bus policy lets readers create rules for rekey’s events on this bus', () => {
    const found = policies({ readers: ['222222222222', '333333333333'] });
    expect(found).toHaveLength(2);
    for (const { Action, Resource, Principal } of found) {
      expect(JSON.stringify(Resource)).toMatch(/:events:eu-central-1:111111111111:rule\/.*\/\*/);
      expect(JSON.stringify(Action)).not.toMatch(/PutEvents|PutPermission|events:\*/);
      expect(JSON.stringify(Principal)).toMatch(/222222222222.*333333333333/);
    }
  });

  test('the bus policy allows no rule without the source rekey, so none for requests', () => {
    const plain = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value).replaceAll(/\{"Ref":"[^"]+"\}/g, '"x"'));
    const document = policies({ readers: ['222222222222'] }).map(
      ({ Effect, Action, Condition }) => ({
        Effect,
        Action,
        Resource: '*',
        Condition,
      }),
    );
    const statements = parsePolicy(plain({ Version: '2012-10-17', Statement: document }));
    const creator = { 'events:creatorAccount': `\${aws:PrincipalAccount}` };
    const may = (action: string, context: Context) =>
      allows(statements, { action: `events:${action}`, resource: 'rule', context });
    expect(may('PutRule', { ...creator, 'events:source': ['rekey'] })).toBe(true);
    expect(may('PutRule', { 'events:source': ['rekey'] })).toBe(true);
    for (const sources of [['acme.operations'], ['rekey', 'acme.operations']])
      expect(may('PutRule', { ...creator, 'events:source': sources })).toBe(false);
    expect(may('PutRule', creator)).toBe(false);
    expect([
      may('PutTargets', creator),
      may('PutTargets', { 'events:creatorAccount': '111111111111' }),
    ]).toEqual([true, false]);
  });

  test('the bus policy lets an organization read by its id only', () => {
    const [reads] = policies({ organizationId: 'o-a1b2c3d4e5' });
    expect(reads?.Condition).toMatchObject({
      StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' },
    });
    expect(reads?.Condition).toMatchObject({
      'ForAllValues:StringEquals': { 'events:source': 'rekey' },
    });
  });
});
