import fc from 'fast-check';
import type { InboundType } from '../../lib/core/events/index.ts';
import type { RotationStep } from '../../lib/core/reconcile/index.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../lib/core/time.ts';
import type { Fault as AwsFault } from '../../lib/local/aws/index.ts';
import type { Fault } from '../../lib/local/faults.ts';

/** Whom it happens to: an index into the targets of the history, modulo their number. */
interface On {
  readonly on: number;
}

/** Something that happens in the life of a fleet. Plain data, so that a history can be written down and lived again. */
export type Happening =
  | { readonly what: 'time passes'; readonly ms: number }
  | { readonly what: 'a sweep' }
  | { readonly what: 'a message is delivered'; readonly pick: number; readonly again: boolean }
  | ({ readonly what: 'a worker' } & On)
  | ({ readonly what: 'a check' } & On)
  | { readonly what: 'a look for orphans' }
  | ({ readonly what: 'a worker dies'; readonly effect: number; readonly moment: 'before' | 'after' } & On)
  | ({ readonly what: 'two workers'; readonly effect: number } & On)
  | ({ readonly what: 'a request'; readonly type: InboundType } & On)
  | { readonly what: 'the vendor fails'; readonly fault: Fault; readonly times: number; readonly lasts: number }
  | { readonly what: 'the registry fails'; readonly fault: Fault; readonly times: number; readonly lasts: number }
  | { readonly what: 'the registry learns late'; readonly ms: number }
  | { readonly what: 'AWS fails'; readonly operation: string; readonly fault: AwsFault; readonly times: number }
  | { readonly what: 'ListSecrets lags'; readonly ms: number }
  | ({ readonly what: 'foreign labels'; readonly count: number } & On)
  | ({ readonly what: 'the parameters change' } & On)
  | ({ readonly what: 'the interval changes'; readonly days: number } & On)
  | ({ readonly what: 'the target leaves' } & On)
  | ({ readonly what: 'the target returns' } & On)
  | ({ readonly what: 'a retirement' } & On)
  | ({ readonly what: 'a value by hand' } & On)
  | ({ readonly what: 'AWSCURRENT by hand'; readonly pick: number } & On)
  | ({ readonly what: 'a label off by hand'; readonly pick: number } & On)
  | { readonly what: 'a credential deleted by hand'; readonly pick: number }
  | ({ readonly what: 'rotate-secret' } & On)
  | ({ readonly what: 'a step dies'; readonly effect: number; readonly moment: 'before' | 'after' } & On)
  | ({ readonly what: 'a late step'; readonly step: RotationStep; readonly pick: number } & On);

export interface History {
  readonly provider: string;
  /** Targets that share the vendor account. */
  readonly targets: number;
  readonly driver: 'rekey' | 'secrets-manager';
  /** Ids, passwords and jitter follow from it. */
  readonly seed: number;
  readonly happenings: readonly Happening[];
}

const is = <const What extends string>(what: What) => fc.constant(what);
const on = fc.nat({ max: 2 });
const pick = fc.nat({ max: 30 });
const effect = fc.integer({ min: 1, max: 16 });
const moment = fc.constantFrom('before' as const, 'after' as const);
const times = fc.integer({ min: 1, max: 6 });
const lasts = fc.integer({ min: 1, max: 3 });

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ status: fc.constantFrom(400, 401, 403, 404, 409, 429, 500, 503), carriedOut: fc.boolean() }),
  fc.record({ cut: moment }),
  fc.constant({ truncate: true } as const),
);

const awsFault: fc.Arbitrary<AwsFault> = fc.oneof(
  fc.constant({ error: 'ThrottlingException' } as const),
  fc.record({ error: fc.constant('InternalServiceError'), status: fc.constant(500), carriedOut: fc.boolean() }),
  fc.record({ connection: fc.constantFrom('lost-before' as const, 'lost-after' as const) }),
);
const operations = [
  'DescribeSecret',
  'GetSecretValue',
  'PutSecretValue',
  'UpdateSecretVersionStage',
  'ListSecrets',
  'RotateSecret',
].map((name) => `secretsmanager.${name}`);

const ways: readonly (readonly [weight: number, fc.Arbitrary<Happening>])[] = [
  [
    10,
    fc.record({
      what: is('time passes'),
      ms: fc.constantFrom(SECOND, MINUTE, 7 * MINUTE, 20 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 9 * DAY),
    }),
  ],
  [5, fc.record({ what: is('a sweep') })],
  [6, fc.record({ what: is('a message is delivered'), pick, again: fc.boolean() })],
  [8, fc.record({ what: is('a worker'), on })],
  [2, fc.record({ what: is('a check'), on })],
  [2, fc.record({ what: is('a look for orphans') })],
  [6, fc.record({ what: is('a worker dies'), on, effect, moment })],
  [5, fc.record({ what: is('two workers'), on, effect })],
  [
    6,
    fc.record({
      what: is('a request'),
      on,
      type: fc.constantFrom('Rotation Requested', 'Credential Compromised', 'Rollback Requested'),
    }),
  ],
  [3, fc.record({ what: is('the vendor fails'), fault, times, lasts })],
  [2, fc.record({ what: is('the registry fails'), fault, times, lasts })],
  [1, fc.record({ what: is('the registry learns late'), ms: fc.constantFrom(0, 30 * SECOND, 10 * MINUTE) })],
  [3, fc.record({ what: is('AWS fails'), operation: fc.constantFrom(...operations), fault: awsFault, times })],
  [
    1,
    fc.record({
      what: is('AWS fails'),
      operation: is('events.PutEvents'),
      fault: fc.oneof(awsFault, fc.constant({ failedEntries: [0] })),
      times,
    }),
  ],
  [1, fc.record({ what: is('ListSecrets lags'), ms: fc.constantFrom(0, 5 * MINUTE) })],
  [1, fc.record({ what: is('foreign labels'), on, count: fc.constantFrom(0, 6, 12, 20) })],
  [1, fc.record({ what: is('the parameters change'), on })],
  [1, fc.record({ what: is('the interval changes'), on, days: fc.constantFrom(5, 10, 20) })],
  [1, fc.record({ what: is('the target leaves'), on })],
  [1, fc.record({ what: is('the target returns'), on })],
  [1, fc.record({ what: is('a retirement'), on })],
  [1, fc.record({ what: is('a value by hand'), on })],
  [1, fc.record({ what: is('AWSCURRENT by hand'), on, pick })],
  [1, fc.record({ what: is('a label off by hand'), on, pick })],
  [1, fc.record({ what: is('a credential deleted by hand'), pick })],
];

const nativeWays: typeof ways = [
  [6, fc.record({ what: is('rotate-secret'), on })],
  [6, fc.record({ what: is('a step dies'), on, effect, moment })],
  [
    2,
    fc.record({
      what: is('a late step'),
      on,
      step: fc.constantFrom('createSecret', 'setSecret', 'testSecret', 'finishSecret'),
      pick,
    }),
  ],
];

const anyOf = (list: typeof ways): fc.Arbitrary<readonly Happening[]> =>
  fc.array(fc.oneof(...list.map(([weight, arbitrary]) => ({ weight, arbitrary }))), { minLength: 3, maxLength: 24 });

/** Histories of fleets at this provider. `shared`: more than one target can live in one vendor account. */
export const histories = (provider: string, shared: boolean): fc.Arbitrary<History> =>
  fc
    .record({
      targets: shared ? fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.constant(3)) : fc.constant(1),
      driver: fc.oneof({ weight: 3, arbitrary: is('rekey') }, is('secrets-manager')),
      seed: fc.nat(),
    })
    .chain(({ driver, ...fixed }) =>
      fc.record({
        provider: fc.constant(provider),
        targets: fc.constant(fixed.targets),
        driver: fc.constant(driver),
        seed: fc.constant(fixed.seed),
        happenings: anyOf(driver === 'rekey' ? ways : [...ways, ...nativeWays]),
      }),
    );
