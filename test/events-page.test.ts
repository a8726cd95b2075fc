import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isPaused, PAUSED_AFTER, pauseAfter } from '../lib/core/decide/index.ts';
import { type ErrorCode, errorCodes, isRetryable } from '../lib/core/errors.ts';
import { inboundTypes, outbound } from '../lib/core/events/index.ts';
import { plus } from '../lib/core/time.ts';
import { eventPattern } from '../lib/sandbox/aws/events/event-pattern.ts';

interface Envelope {
  readonly 'detail-type': string;
  readonly detail: { readonly metadata: object; readonly data: Readonly<Record<string, unknown>> };
}

const page = readFileSync('docs/events.md', 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, text = '']) => text,
  );
const frozen = globSync('test/fixtures/events/1.0/*.json').map(
  (file) => JSON.parse(readFileSync(file, 'utf8')) as Envelope,
);

function sample(type: string, data: object = {}): Envelope {
  const found = frozen.find((envelope) => envelope['detail-type'] === type);
  if (!found) throw new Error(`no frozen ${type}`);
  return { ...found, detail: { ...found.detail, data: { ...found.detail.data, ...data } } };
}

describe('docs/events.md', () => {
  test('docs/events.md lists each event type once', () => {
    const [, table = ''] = page.split(/^## /m);
    const rows = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, type]) => type);
    expect(rows.sort()).toEqual(Object.keys(outbound).sort());
  });

  test('docs/events.md lists each request type once', () => {
    const [table = ''] = page.slice(page.indexOf('\n## Requests')).split('```');
    const rows = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, type]) => type);
    expect(rows).toEqual([...inboundTypes]);
  });

  test('docs/events.md explains every field of every event', () => {
    const fields = Object.values(outbound).flatMap(({ shape }) => Object.keys(shape));
    expect([...new Set(fields)].filter((field) => !page.includes(`\`${field}`))).toEqual([]);
  });

  test('docs/events.md shows the frozen envelope as its example', () => {
    const examples = blocks('json').map((text) => JSON.parse(text) as object);
    expect(examples).toContainEqual(
      frozen.find((envelope) => envelope['detail-type'] === 'Credential Rotated'),
    );
  });

  test('docs/events.md shows the follower in examples/', () => {
    expect(blocks('ts')).toContain(readFileSync('examples/follower.ts', 'utf8'));
  });
});

describe('the pattern for events that need a person', () => {
  const matches = eventPattern(blocks('json').find((text) => text.includes('$or')) ?? '');

  test.each<[string, boolean, string, object?]>([
    ['a rotation that fails for now', false, 'Rotation Failed'],
    [
      'a rotation that only a person can make succeed',
      true,
      'Rotation Failed',
      { errorClass: 'forbidden', terminal: true },
    ],
    [
      'a provider that does not answer for the fifth time',
      true,
      'Rotation Failed',
      { errorClass: 'unreachable', failures: 5 },
    ],
    [
      'a provider that does not answer for the sixth time',
      false,
      'Rotation Failed',
      { errorClass: 'unreachable', failures: 6 },
    ],
    ['a paused target', true, 'Target Paused'],
    ['a second failed revocation', false, 'Revocation Failed', { failures: 2 }],
    [
      'a third failed revocation',
      true,
      'Revocation Failed',
      { failures: 3, errorClass: 'still-accepted' },
    ],
    [
      'a revocation without rights',
      true,
      'Revocation Failed',
      { failures: 1, errorClass: 'forbidden', terminal: true },
    ],
    ['an abandoned revocation', true, 'Revocation Abandoned'],
    ['a rollback that did not happen', true, 'Rollback Failed'],
    ['an admin credential close to its expiry', true, 'Admin Credential Expiring'],
    ['a current credential that the registry refuses', true, 'Health Changed'],
    [
      'a current credential that the registry accepts again',
      false,
      'Health Changed',
      { healthy: true },
    ],
    ['a removed target with live credentials', true, 'Target Removed'],
    [
      'a removed target whose credentials are dead',
      false,
      'Target Removed',
      { liveCredentials: 0, credentials: [] },
    ],
    ['a rotation that waits', false, 'Request Held'],
    ['a rotation that is refused', true, 'Request Held', { final: true, gate: 'rolled-back' }],
    [
      'a compromise that waits for minutes',
      false,
      'Request Held',
      { request: 'Credential Compromised' },
    ],
    [
      'a compromise that waits',
      true,
      'Request Held',
      { request: 'Credential Compromised', gate: 'too-many-alive' },
    ],
  ])('the pattern for a person, for %s: %s', (_what, wanted, type, data) => {
    expect(matches(sample(type, data))).toBe(wanted);
  });

  test('the pattern for a person matches no event of an uneventful life', () => {
    const ordinary = [
      'Action Planned',
      'Credential Deleted',
      'Credential Expired',
      'Credential Restored',
      'Credential Revoked',
      'Credential Rotated',
      'Orphan Revoked',
      'Revocation Due',
      'Rolled Back',
    ];
    expect(ordinary.filter((type) => matches(sample(type)))).toEqual([]);
  });

  /** Never published as a failure, because the caller or the next sweep tries again. */
  const unpublished: readonly ErrorCode[] = [
    'lost-race',
    'aws-failed',
    'events-failed',
    'secret-missing',
  ];

  test.each(errorCodes.filter((code) => !unpublished.includes(code)))(
    'the pattern for a person matches five failures in a row: %s',
    (code) => {
      const at = new Date('2026-01-15T09:30:00Z');
      const backoff = {
        failures: PAUSED_AFTER,
        at,
        until: plus(at, pauseAfter(PAUSED_AFTER, code)),
        code,
        spec: '',
      };
      const told = [
        sample('Rotation Failed', {
          errorClass: code,
          failures: PAUSED_AFTER,
          terminal: !isRetryable(code),
        }),
      ];
      if (isPaused(backoff, backoff.until))
        told.push(sample('Target Paused', { errorClass: code }));
      expect(told.some(matches)).toBe(true);
    },
  );

  test('the pattern for a person does not match events of other sources', () => {
    expect(matches({ ...sample('Target Paused'), source: 'aws.s3' })).toBe(false);
  });
});
