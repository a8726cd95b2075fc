import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type DetailType,
  event,
  outbound,
  parseEvent,
  requested,
} from '../../../lib/core/events/index.ts';

/** One envelope for each type, as published in schema version 1.0. Never change these files. */
const frozen = globSync('test/fixtures/events/1.0/*.json').map(
  (file) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>,
);

const context = {
  fleet: 'acme',
  target: 'app',
  time: new Date('2026-01-15T09:30:00Z'),
  correlationId: 'run-1',
};
const rotated = {
  provider: 'ionos',
  secretArn: 'arn:a',
  versionId: 'v',
  credentialId: 'c',
  reason: 'too-old',
  issuedAt: '2026-01-15T09:30:00.000Z',
};

describe('events', () => {
  test('there is a frozen event of every type', () => {
    expect(frozen.map((envelope) => envelope['detail-type']).sort()).toEqual(
      Object.keys(outbound).sort(),
    );
  });

  test.each(frozen.map((envelope) => [envelope['detail-type'] as DetailType, envelope] as const))(
    '%s: an event of schema 1.0 is still read, with all its fields',
    (type, envelope) => {
      expect(parseEvent(envelope)).toEqual(envelope);
      expect(parseEvent(envelope)?.['detail-type']).toBe(type);
    },
  );

  test.each(frozen.map((envelope) => [envelope['detail-type'] as DetailType, envelope] as const))(
    '%s: the frozen event has every field of its schema',
    (type, envelope) => {
      const { data } = envelope.detail as { readonly data: object };
      expect(Object.keys(data).sort()).toEqual(Object.keys(outbound[type].shape).sort());
    },
  );

  test('two events of the same transition have the same id, others do not', () => {
    const ids = ['v1', 'v1', 'v2'].map(
      (transition) => event('Credential Rotated', transition, context, rotated).detail.metadata.id,
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
    const other = event('Credential Rotated', 'v1', context, { ...rotated, secretArn: 'arn:b' });
    expect(other.detail.metadata.id).not.toBe(ids[0]);
  });

  test('an event has only the fields that its schema lists', () => {
    const sneaky = {
      ...rotated,
      username: 'me@example.com',
      password: 'hunter2',
      message: 'vendor text',
    };
    const { detail } = event('Credential Rotated', 'v1', context, sneaky);
    expect(Object.keys(detail.data).sort()).toEqual(Object.keys(rotated).sort());
  });

  test('parseEvent returns undefined for a foreign event, or one of a later type', () => {
    expect(parseEvent({ source: 'aws.s3', 'detail-type': 'Object Created' })).toBeUndefined();
    expect(parseEvent({ source: 'rekey', 'detail-type': 'Something Later' })).toBeUndefined();
    expect(parseEvent('nonsense')).toBeUndefined();
  });

  test('parseEvent throws for an event of rekey that does not match its schema', () => {
    expect(() => parseEvent({ ...frozen[0], detail: {} })).toThrow();
  });

  test('parseEvent accepts fields that a later minor version adds', () => {
    const [first] = frozen as unknown as [{ detail: { metadata: object; data: object } }];
    const { metadata, data } = first.detail;
    const later = {
      ...first,
      detail: {
        metadata: { ...metadata, schemaVersion: '1.7', shard: 3 },
        data: { ...data, added: true },
      },
    };
    expect(parseEvent(later)).toBeDefined();
  });

  test('only the target of a request is read', () => {
    expect(requested.parse({ target: 'app', params: { evil: true } })).toEqual({ target: 'app' });
    expect(requested.safeParse({ target: '' }).success).toBe(false);
  });
});
