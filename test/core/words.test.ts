import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RekeyError } from '../../lib/core/errors.ts';
import { formatLabel, labelledVersion, labelPrefix, successors } from '../../lib/core/label.ts';
import { labels, parseLedger, relabelled } from '../../lib/core/ledger.ts';
import { Secret } from '../../lib/core/secret.ts';
import { formatDuration, parseDuration, parseStamp, stamp } from '../../lib/core/time.ts';
import { uuidv5 } from '../../lib/core/uuid.ts';
import { formatValue, parseValue } from '../../lib/core/value.ts';
import { aSnapshot, id, T0, v } from '../support/snapshot.ts';

describe('a Secret', () => {
  test('does not print, serialise or inspect itself', () => {
    const secret = new Secret('hunter2');
    const ways = [
      `${secret}`,
      ['', secret].join(''),
      String(secret),
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ deep: [secret] }, { showHidden: true, depth: 9 }),
      Object.keys(secret).join(),
      JSON.stringify(structuredClone({ ...secret })),
    ];
    for (const way of ways) expect(way).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });
});

describe('derived ids', () => {
  test('a name-based UUID equals the RFC’s example', () => {
    // RFC 9562, A.4: DNS namespace, www.example.com
    expect(uuidv5(['www.example.com'], Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex'))).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
  });

  test('a successor differs by secret, version and attempt, and is the same each time', () => {
    const [first = '', second = ''] = successors('arn:a', 'v1');
    const others = [successors('arn:a', 'v2'), successors('arn:b', 'v1')].map(([id]) => id);
    expect(new Set([first, second, ...others]).size).toBe(4);
    expect([...successors('arn:a', 'v1')][0]).toBe(first);
    expect([...successors('arn:a', 'v1', 1)][0]).toBe(second);
  });

  test('a label gives its version back, under its own prefix only, and every vendor takes it', () => {
    const [version = ''] = successors('arn:a', 'v1');
    const label = formatLabel('acme-prod-1', 'arn:a', version);
    expect(label).toMatch(/^[a-z][-a-z0-9]{1,61}[a-z0-9]$/);
    expect(labelledVersion(label, labelPrefix('acme-prod-1', 'arn:a'))).toBe(version);
    expect(labelledVersion(label, labelPrefix('acme-prod-1', 'arn:b'))).toBeUndefined();
    expect(labelledVersion(`${label}0`, labelPrefix('acme-prod-1', 'arn:a'))).toBeUndefined();
    expect(labelledVersion('my own token', labelPrefix('acme', 'arn:a'))).toBeUndefined();
  });
});

describe('durations and stamps', () => {
  test.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['1d12h', 129_600_000],
    ['2w', 1_209_600_000],
    ['', undefined],
    ['5', undefined],
    ['-5m', undefined],
    ['5 m', undefined],
  ])('%j is %j ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test('a duration is said in its two largest units', () => {
    expect([0, 59_000, 3_600_000, 93_784_000].map(formatDuration)).toEqual(['0s', '59s', '1h', '1d 2h']);
  });

  test('a stamp gives its time back, to the second', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
        (date) => {
          const whole = new Date(Math.floor(date.getTime() / 1000) * 1000);
          expect(parseStamp(stamp(date))).toEqual(whole);
        },
      ),
    );
  });
});

describe('the ledger', () => {
  test('gives back what was written, whatever the credential is called', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ minLength: 1, maxLength: 45 }), fc.string({ minLength: 1, maxLength: 3, unit: 'binary' })),
        (credentialId) => {
          const note = { issuedAt: T0, expiresAt: T0, spec: 'cafe0001', reason: 'requested', id: credentialId };
          const label = labels.credential(id('a'), note);
          expect(label.length).toBeLessThanOrEqual(256);
          expect(parseLedger(aSnapshot(v('a').stage(label))).versions[0]?.credential).toEqual(note);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('survives any label, and reads none that is not its own', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.string().map((text) => `rekey:${text}`),
            fc.string().map((text) => `rekey:credential:x:${text}`),
          ),
        ),
        (stages) => {
          expect(parseLedger(aSnapshot(v('a').stage(...stages))).versions).toHaveLength(1);
        },
      ),
    );
  });

  test('a label that would not fit is an error, not a truncation', () => {
    expect(() => labels.credential(id('a'), { issuedAt: T0, spec: 's', reason: 'r', id: 'x'.repeat(250) })).toThrow(RekeyError);
  });

  test('of two back-offs the one with more failures counts', () => {
    const both = v('a').current().backoff(2, T0, T0).backoff(1, T0, T0);
    expect(parseLedger(aSnapshot(both)).current?.backoff?.failures).toBe(2);
  });

  test('AWSPREVIOUS follows AWSCURRENT', () => {
    const moved = relabelled(aSnapshot(v('a').current(), v('b').pending()), 'AWSCURRENT', { from: id('a'), to: id('b') });
    expect(moved.versions).toEqual({ [id('a')]: ['AWSPREVIOUS'], [id('b')]: ['AWSPENDING', 'AWSCURRENT'] });
  });
});

describe('the secret value', () => {
  const credential = { id: 'c', username: 'deepgram+1', password: new Secret('p:w"d'), registry: 'quay.io' };

  test('serves docker login, ECS and External Secrets alike', () => {
    const fields = JSON.parse(formatValue(credential, 'fields').reveal());
    expect(Object.keys(fields)).toEqual(['username', 'password', 'registry', 'auth', 'dockerconfigjson']);
    expect(Buffer.from(fields.auth, 'base64').toString()).toBe('deepgram+1:p:w"d');
    expect(fields.dockerconfigjson).toBe(formatValue(credential, 'dockerconfigjson').reveal());
    expect(JSON.parse(fields.dockerconfigjson)).toEqual({
      auths: { 'quay.io': { username: 'deepgram+1', password: 'p:w"d', auth: fields.auth } },
    });
  });

  test.each(['fields', 'dockerconfigjson'] as const)('is read back from %s', (format) => {
    const login = parseValue(formatValue(credential, format));
    expect(login).toMatchObject({ username: 'deepgram+1', registry: 'quay.io' });
    expect(login?.password.reveal()).toBe('p:w"d');
  });

  test('that rekey did not write is not read', () => {
    for (const text of ['', 'plain', '{}', '[]', 'null', '{"username":"u"}', '{"auths":{}}'])
      expect(parseValue(new Secret(text))).toBeUndefined();
  });

  test('over 65,536 bytes is an error', () => {
    expect(() => formatValue({ ...credential, password: new Secret('x'.repeat(40_000)) }, 'fields')).toThrow(/65536 bytes/);
  });
});
