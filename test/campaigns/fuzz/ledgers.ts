import fc from 'fast-check';
import { agenda, decide } from '../../../lib/core/decide/index.ts';
import { errorCodes } from '../../../lib/core/errors.ts';
import { digest, labels, parseLedger, settled } from '../../../lib/core/ledger/index.ts';
import { formatValue, parseValue } from '../../../lib/core/ledger/value.ts';
import type { Snapshot } from '../../../lib/core/ports.ts';
import { Secret } from '../../../lib/core/secret.ts';
import { aTarget, T0 } from '../../support/snapshot.ts';
import { events } from './events.ts';
import { anyText, type Subject, subject } from './subject.ts';

const VERSION = '11111111-0000-5000-8000-000000000000';
const versionIds = [
  VERSION,
  '22222222-0000-5000-8000-000000000000',
  '33333333-0000-5000-8000-000000000000',
];
const snapshot = (versions: Snapshot['versions']): Snapshot => ({
  arn: 'arn:test',
  name: 'rekey/acme/app',
  versions,
});

const kinds = [
  [
    'credential candidate revoke-after discarded warned disabled requested compromised rollback',
    'backoff revoke-backoff',
  ].join(' '),
  'used refused removed retired constructor __proto__',
].flatMap((words) => words.split(' '));
const field = fc.oneof(
  anyText,
  fc.constantFrom(
    '20260115T093000Z',
    '20270115T093000Z',
    '99999999T999999Z',
    '00000000T000000Z',
    'never',
    '-',
    '5',
    '0',
  ),
  fc.constantFrom(
    'refused',
    'rotation',
    'rollback',
    'r01234567',
    ...versionIds,
    ...versionIds.map(digest),
  ),
);
const stamps = fc.constantFrom(
  '20251215T093000Z',
  '20260115T092900Z',
  '20260115T093000Z',
  '20260215T093000Z',
);
const label = fc.oneof(
  fc.constantFrom('AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'),
  anyText,
  fc
    .tuple(
      fc.constantFrom('1', '1', '1', '2', ''),
      fc.constantFrom(...kinds),
      fc.constantFrom(...versionIds.map(digest), 'abcdef01'),
      fc.oneof(stamps, field),
      fc.array(field, { maxLength: 6 }),
    )
    .map(([format, kind, of, first, fields]) =>
      ['rekey', format, kind, of, first, ...fields].join(':'),
    ),
);
const anyLabels = subject(
  'staging labels',
  fc.dictionary(
    fc.oneof(fc.constantFrom(...versionIds), fc.uuid(), anyText),
    fc.array(label, { maxLength: 8 }),
    { maxKeys: 6 },
  ),
  (versions) => {
    const ledger = parseLedger(snapshot(versions));
    const dues = agenda({ target: aTarget(), ledger, now: T0 });
    if (dues.some(({ at }) => Number.isNaN(at.getTime())))
      throw new Error('due at an invalid time');
    for (const version of ledger.versions) settled(ledger, version);
    const decision = decide(aTarget(), snapshot(versions), T0);
    if (decision.at && Number.isNaN(decision.at.getTime()))
      throw new Error('due at an invalid time');
  },
);

const seconds = fc
  .date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => {
    date.setMilliseconds(0);
    return date.toISOString();
  });
const word = fc.stringMatching(/^[a-z0-9-]{1,16}$/);
const noted = subject(
  'labels, written and read again',
  fc.record({
    id: fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
      fc.string({
        unit: fc.constantFrom(':', '%', '%41', '/', 'a', ' ', 'é'),
        minLength: 1,
        maxLength: 8,
      }),
    ),
    issuedAt: seconds,
    expiresAt: fc.option(seconds, { nil: null }),
    reason: word,
    spec: word,
    failures: fc.integer({ min: 1, max: 1000 }),
    code: fc.constantFrom(...errorCodes),
    correlationId: anyText,
  }),
  ({ id, issuedAt, expiresAt, reason, spec, failures, code, correlationId = '' }) => {
    // an id that does not fit into a label is refused
    if (!id.isWellFormed() || encodeURIComponent(id).length > 140) return;
    const at = new Date(issuedAt);
    const note = {
      id,
      issuedAt: at,
      reason,
      spec,
      ...(expiresAt && { expiresAt: new Date(expiresAt) }),
    };
    const backoff = { failures, at, until: at, code, spec };
    const candidate = {
      since: at,
      kind: 'rotation',
      base: digest(VERSION),
      promotion: 'r01234567',
    } as const;
    const written = [
      labels.credential(VERSION, note),
      labels.revokeAfter(VERSION, at),
      labels.compromised(VERSION, { at, correlationId }),
      labels.backoff(VERSION, backoff),
      labels.revokeBackoff(VERSION, { ...backoff, confirmedAt: at }),
      labels.candidate(VERSION, candidate),
    ];
    if (written.some((label) => label.length > 256))
      throw new Error('a label that Secrets Manager refuses');
    const [read] = parseLedger(snapshot({ [VERSION]: written })).versions;
    const same = (a: unknown, b: unknown, what: string) => {
      if (JSON.stringify(a) !== JSON.stringify(b))
        throw new Error(`${what} was read as ${JSON.stringify(b)}`);
    };
    same(
      [note.issuedAt, note.expiresAt, spec, reason, id],
      fieldsOf(read?.credential),
      'a credential',
    );
    same([at, at, backoff], [read?.revokeAfter, read?.compromisedAt, read?.backoff], 'the rest');
    same(
      [{ ...backoff, confirmedAt: at }, candidate],
      [read?.revokeBackoff, read?.candidate],
      'the provisional part',
    );
    // dropped if it does not fit; an absent id and `-` are the same
    const { correlationId: asker = correlationId } = read?.reported ?? {};
    same(correlationId, asker, 'a correlation id');
  },
);

const fieldsOf = (
  note: { issuedAt: Date; expiresAt?: Date; spec: string; reason: string; id: string } | undefined,
) => note && [note.issuedAt, note.expiresAt, note.spec, note.reason, note.id];

const values = subject(
  'secret value',
  fc.oneof(
    anyText,
    fc.json(),
    fc.jsonValue().map((json) => JSON.stringify(json)),
  ),
  (text) => {
    const login = parseValue(new Secret(text));
    if (login && !(login.registry.length >= 0 && login.username && login.password.reveal()))
      throw new Error('an incomplete login');
  },
);

const filled = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const stored = subject(
  'secret value, written and read again',
  fc.record({
    username: filled,
    password: filled,
    registry: filled,
    format: fc.constantFrom('fields', 'dockerconfigjson'),
  }),
  ({ username, password, registry, format }) => {
    if (registry === '__proto__') return;
    const read = parseValue(
      formatValue({ username, password: new Secret(password), registry }, format),
    );
    if (
      read?.username !== username ||
      read.password.reveal() !== password ||
      read.registry !== registry
    )
      throw new Error('it was read as another login');
  },
);

export const ledgers: readonly Subject[] = [anyLabels, noted, values, stored, ...events];
