import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { labels, parseLedger, superseded, type Version } from '../../../lib/core/ledger/index.ts';
import { candidacy } from '../../../lib/core/reconcile/candidacy.ts';

/*
 * One ledger for each state, as format 1 writes it. NEVER CHANGE OR DELETE THESE FILES: such labels
 * are on the secrets of every installation, and every later release has to read them with the same
 * meaning. A new format gets a folder of its own next to this one.
 */
const folder = new URL('../../fixtures/ledger/1/', import.meta.url);

interface Frozen {
  /** Staging labels by version id. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
  readonly expected: {
    readonly pending: string | null;
    readonly strays: readonly string[];
    readonly unannounced: readonly string[];
    readonly superseded: readonly string[];
    readonly started: string | null;
    readonly reportedAt: string | null;
    readonly versions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
}

const states = [
  ...[
    'issued',
    'retired',
    'promoted',
    'announced',
    'superseded',
    'warned',
    'disabled',
    'discarded',
    'dead',
  ],
  ...[
    'superseded-unannounced',
    'superseded-by-hand',
    'requested',
    'requested-held',
    'compromised',
    'compromised-held',
    'compromised-awaited',
    'compromised-confirmed',
    'refused',
    'used-id',
    'removed',
    'retired-target',
  ],
  ...['rollback-requested', 'rollback-candidate', 'rolled-back', 'rolled-back-announced'],
  ...[
    'backoff',
    'backoff-untold',
    'revoke-backoff',
    'revoke-backoff-confirmed',
    'native-staged',
    'native-issued',
  ],
];
const frozen = (state: string) =>
  JSON.parse(readFileSync(new URL(`${state}.json`, folder), 'utf8')) as Frozen;
const snapshot = ({ versions }: Frozen) => ({ arn: 'arn:test', name: 'rekey/acme/app', versions });

/** The fields of a version in format 1; a later release may have more. */
const said: readonly (keyof Version)[] = [
  ...([
    'credential',
    'candidate',
    'revokeAfter',
    'retirement',
    'discarded',
    'warned',
    'disabledAt',
  ] as const),
  ...([
    'requested',
    'reported',
    'compromisedAt',
    'confirmation',
    'rollback',
    'refused',
    'backoff',
    'revokeBackoff',
    'used',
  ] as const),
  ...(['removedAt', 'retired', 'current', 'previous', 'staged', 'pending'] as const),
];
const read = (version: Version) =>
  JSON.parse(
    JSON.stringify(Object.fromEntries(said.map((key) => [key, version[key] || undefined]))),
  ) as unknown;

describe('a ledger in format 1', () => {
  test('ledger format 1 has a frozen file for each of its states', () => {
    const files = readdirSync(folder).map((file) => file.replace('.json', ''));
    expect(files.sort()).toEqual([...states].sort());
  });

  test.each(states)('a frozen ledger in state %s is read with the same meaning', (state) => {
    const { expected } = frozen(state);
    const ledger = parseLedger(snapshot(frozen(state)));
    const ids = (versions: readonly { readonly id: string }[]) => versions.map(({ id }) => id);
    expect(
      Object.fromEntries(ledger.versions.map((version) => [version.id, read(version)])),
    ).toEqual(expected.versions);
    expect({
      pending: ledger.pending?.id ?? null,
      strays: ids(ledger.strays),
      unannounced: ids(ledger.unannounced),
      superseded: ids(ledger.versions.filter(superseded)),
      started: ledger.started?.id ?? null,
      reportedAt: ledger.reportedAt?.toISOString() ?? null,
      versions: expected.versions,
    }).toEqual(expected);
  });

  test('each kind of label occurs in a frozen ledger', () => {
    const written = Object.keys(labels).map((name) =>
      name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    );
    const kinds = states
      .flatMap((state) => Object.values(frozen(state).versions).flat())
      .map((label) => label.split(':')[2]);
    expect(kinds).toEqual(expect.arrayContaining(written));
  });

  test('this release writes the labels of ledger format 1', () => {
    const [base = '', id = ''] = Object.keys(frozen('rolled-back').versions);
    const since = new Date('2026-01-14T08:15:00Z');
    const on = (state: string, version: string) => frozen(state).versions[version];
    const note = {
      issuedAt: since,
      spec: 'cafe0001',
      reason: 'too-old',
      provider: 'ionos',
      place: 'a1b2c3d4',
      id: 'acme+rekey_1',
    };
    const candidate = candidacy('rotation', base, id, since);
    expect(on('issued', id)).toEqual([
      labels.candidate(id, candidate),
      labels.credential(id, note),
    ]);
    expect(on('discarded', id)).toContain(
      labels.discarded(id, new Date('2026-01-14T08:30:00Z'), candidate),
    );
    const retirement = [
      new Date('2026-01-15T08:15:07Z'),
      candidate.promotion,
      new Date('2026-01-14T08:15:02Z'),
    ] as const;
    expect(on('superseded', base)).toContain(labels.revokeAfter(base, ...retirement));
    const failure = {
      failures: 3,
      at: new Date('2026-01-15T09:30:00Z'),
      until: new Date('2026-01-15T10:00:00Z'),
      code: 'still-accepted',
      spec: 'cafe0001',
      confirmedAt: new Date('2026-01-15T08:16:00Z'),
    } as const;
    expect(on('revoke-backoff-confirmed', base)).toContain(labels.revokeBackoff(base, failure));
    const asked = new Date('2026-01-14T12:00:00Z');
    expect(on('rolled-back', id)).toContain(labels.rollback(id, asked, base, 'ticket-7'));
    const waiting = labels.requested(
      id,
      new Date('2026-01-15T10:00:00Z'),
      'request:42',
      'too-many-alive',
    );
    expect(on('requested-held', id)).toContain(waiting);
    const [first, again] = [new Date('2026-01-14T08:16:00Z'), new Date('2026-01-14T08:17:30Z')];
    const report = { at: again, first, correlationId: 'request:42' };
    expect(on('compromised-held', id)).toContain(
      labels.compromised(id, { ...report, held: 'too-soon' }),
    );
    const confirmed = new Date('2026-01-14T08:20:00Z');
    expect(on('compromised-awaited', id)).toContain(
      labels.compromised(id, { ...report, confirmation: 'awaited' }),
    );
    expect(on('compromised-confirmed', id)).toContain(
      labels.compromised(id, { ...report, confirmation: confirmed }),
    );
    const back = candidacy('rollback', id, base, new Date('2026-01-14T12:00:10Z'), asked);
    expect(on('rollback-candidate', base)).toContain(labels.candidate(base, back));
  });
});
