import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatLabel,
  isRollback,
  labeledVersion,
  labelPrefix,
  promotionId,
  successors,
} from '../../lib/core/ids/label.ts';
import { uuidv5 } from '../../lib/core/ids/uuid.ts';
import { formatValue, parseValue } from '../../lib/core/ledger/value.ts';
import { Secret } from '../../lib/core/secret.ts';
import { formatDuration, parseDuration, parseStamp, stamp } from '../../lib/core/time.ts';
import { at, T0 } from '../support/snapshot.ts';

describe('a Secret', () => {
  test('a Secret is masked when it is printed, serialized or inspected', () => {
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
    expect(
      uuidv5(['www.example.com'], Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex')),
    ).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  test('a successor differs by secret, version and attempt, and is the same each time', () => {
    const [first = '', second = ''] = successors('arn:a', 'v1');
    const others = [successors('arn:a', 'v2'), successors('arn:b', 'v1')].map(([id]) => id);
    expect(new Set([first, second, ...others]).size).toBe(4);
    expect([...successors('arn:a', 'v1')][0]).toBe(first);
    expect([...successors('arn:a', 'v1', 1)][0]).toBe(second);
  });

  test('a label returns its version under its own prefix only, and suits every vendor', () => {
    const [version = ''] = successors('arn:a', 'v1');
    const label = formatLabel('acme-prod-1', 'arn:a', version);
    expect(label).toMatch(/^[a-z][-a-z0-9]{1,61}[a-z0-9]$/);
    expect(labeledVersion(label, labelPrefix('acme-prod-1', 'arn:a'))).toBe(version);
    expect(labeledVersion(label, labelPrefix('acme-prod-1', 'arn:b'))).toBeUndefined();
    expect(labeledVersion(`${label}0`, labelPrefix('acme-prod-1', 'arn:a'))).toBeUndefined();
    expect(labeledVersion('my own token', labelPrefix('acme', 'arn:a'))).toBeUndefined();
  });

  test('the id of a promotion depends on its kind, its versions and its time', () => {
    const first = promotionId('rotation', 'v1', 'v2', T0);
    const others = [
      promotionId('rollback', 'v1', 'v2', T0),
      promotionId('rotation', 'v2', 'v1', T0),
      promotionId('rotation', 'v1', 'v3', T0),
      promotionId('rotation', 'v1', 'v2', at(1000)),
    ];
    expect(new Set([first, ...others]).size).toBe(5);
    expect(promotionId('rotation', 'v1', 'v2', new Date(T0))).toBe(first);
    expect([first, ...others].map(isRollback)).toEqual([false, true, false, false, false]);
    for (const promotion of [first, ...others]) expect(promotion).toMatch(/^[br][0-9a-f]{8}$/);
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

  test('a duration is formatted in its two largest units', () => {
    expect([0, 59_000, 3_600_000, 93_784_000].map(formatDuration)).toEqual([
      '0s',
      '59s',
      '1h',
      '1d 2h',
    ]);
  });

  test('a stamp returns its time, to the second', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('1970-01-01T00:00:00Z'),
          max: new Date('9999-12-31T23:59:59Z'),
          noInvalidDate: true,
        }),
        (date) => {
          const whole = new Date(Math.floor(date.getTime() / 1000) * 1000);
          expect(parseStamp(stamp(date))).toEqual(whole);
        },
      ),
    );
  });
});

describe('the secret value', () => {
  const credential = {
    id: 'c',
    username: 'deepgram+1',
    password: new Secret('p:w"d'),
    registry: 'quay.io',
  };

  test('the secret value serves docker login, ECS and External Secrets', () => {
    const fields = JSON.parse(formatValue(credential, 'fields').reveal());
    expect(Object.keys(fields)).toEqual([
      'username',
      'password',
      'registry',
      'auth',
      'dockerconfigjson',
    ]);
    expect(Buffer.from(fields.auth, 'base64').toString()).toBe('deepgram+1:p:w"d');
    expect(fields.dockerconfigjson).toBe(formatValue(credential, 'dockerconfigjson').reveal());
    expect(JSON.parse(fields.dockerconfigjson)).toEqual({
      auths: { 'quay.io': { username: 'deepgram+1', password: 'p:w"d', auth: fields.auth } },
    });
  });

  test.each(['fields', 'dockerconfigjson'] as const)(
    'the secret value is read back in format %s',
    (format) => {
      const login = parseValue(formatValue(credential, format));
      expect(login).toMatchObject({ username: 'deepgram+1', registry: 'quay.io' });
      expect(login?.password.reveal()).toBe('p:w"d');
    },
  );

  test('a secret value that rekey did not write is not read', () => {
    for (const text of ['', 'plain', '{}', '[]', 'null', '{"username":"u"}', '{"auths":{}}'])
      expect(parseValue(new Secret(text))).toBeUndefined();
  });

  test('a secret value over 65,536 bytes is an error', () => {
    expect(() =>
      formatValue({ ...credential, password: new Secret('x'.repeat(40_000)) }, 'fields'),
    ).toThrow(/65536 bytes/);
  });
});
