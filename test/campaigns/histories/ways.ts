import fc from 'fast-check';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/core/time.ts';
import type { Fault as AwsFault } from '../../../lib/sandbox/aws/index.ts';
import type { Fault } from '../../../lib/sandbox/faults.ts';
import type { Happening, History } from './happenings.ts';

const is = <const What extends string>(what: What) => fc.constant(what);
const on = fc.nat({ max: 2 });
const pick = fc.nat({ max: 30 });
const effect = fc.integer({ min: 1, max: 16 });
const moment = fc.constantFrom('before' as const, 'after' as const);
const times = fc.integer({ min: 1, max: 6 });
const lasts = fc.integer({ min: 1, max: 3 });

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    status: fc.constantFrom(400, 401, 403, 404, 409, 429, 500, 503),
    carriedOut: fc.boolean(),
  }),
  fc.record({ cut: moment }),
  fc.constant({ truncate: true } as const),
);

const awsFault: fc.Arbitrary<AwsFault> = fc.oneof(
  fc.constant({ error: 'ThrottlingException' } as const),
  fc.record({
    error: fc.constant('InternalServiceError'),
    status: fc.constant(500),
    carriedOut: fc.boolean(),
  }),
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

const requests = ['Rotation Requested', 'Credential Compromised', 'Rollback Requested'] as const;

const outage = fc.record({
  what: is('an outage'),
  of: fc.constantFrom(
    'vendor' as const,
    'admin' as const,
    'registry' as const,
    'registry refuses' as const,
    'bus' as const,
    'release' as const,
  ),
  ms: fc.constantFrom(4 * MINUTE, 30 * MINUTE, 3 * HOUR, 12 * HOUR),
});
const request = fc.record({ what: is('a request'), on, type: fc.constantFrom(...requests) });
const worker = fc.record({ what: is('a worker'), on });
const dying = fc.record({ what: is('a worker dies'), on, effect, moment });
const time = fc.record({
  what: is('time passes'),
  ms: fc.constantFrom(
    SECOND,
    MINUTE,
    7 * MINUTE,
    20 * MINUTE,
    HOUR,
    6 * HOUR,
    DAY,
    3 * DAY,
    9 * DAY,
  ),
});

const ways: readonly (readonly [weight: number, fc.Arbitrary<Happening>])[] = [
  [10, time],
  [5, fc.record({ what: is('a sweep') })],
  [6, fc.record({ what: is('a message is delivered'), pick, again: fc.boolean() })],
  [8, worker],
  [2, fc.record({ what: is('a check'), on })],
  [2, fc.record({ what: is('a look for orphans') })],
  [6, dying],
  [5, fc.record({ what: is('two workers'), on, effect })],
  [6, request],
  [3, fc.record({ what: is('the vendor fails'), fault, times, lasts })],
  [2, fc.record({ what: is('the registry fails'), fault, times, lasts })],
  [
    1,
    fc.record({
      what: is('the registry learns late'),
      ms: fc.constantFrom(0, 30 * SECOND, 10 * MINUTE),
    }),
  ],
  [
    3,
    fc.record({
      what: is('AWS fails'),
      operation: fc.constantFrom(...operations),
      fault: awsFault,
      times,
    }),
  ],
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

/** Replicas that follow at once, late, or not until a person repairs them. */
const lags = [0, 5 * MINUTE, 1000 * DAY];

const worstDays: typeof ways = [
  [
    6,
    fc.record({
      what: is('life goes on'),
      ms: fc.constantFrom(20 * MINUTE, 2 * HOUR, DAY, 3 * DAY, 11 * DAY),
    }),
  ],
  [6, outage],
  [3, fc.record({ what: is('a rollback meets a revocation'), on, effect })],
  [
    3,
    fc.record({
      what: is('a request meets a worker'),
      on,
      effect,
      type: fc.constantFrom(...requests),
    }),
  ],
  [1, fc.record({ what: is('look-alikes'), on, count: fc.constantFrom(20, 200) })],
  [1, fc.record({ what: is('the window changes'), on })],
];

const replicaWays: typeof ways = [
  [4, fc.record({ what: is('the replicas lag'), ms: fc.constantFrom(...lags) })],
];

const movingWays: typeof ways = [
  [4, fc.record({ what: is('the target moves'), on, former: fc.boolean() })],
];

const crampedWays: typeof ways = [
  [2, fc.record({ what: is('the account is full') })],
  [1, fc.record({ what: is('the account has room') })],
];

const nativeWays: typeof ways = [
  [4, fc.record({ what: is('rotate-secret meets a worker'), on, effect })],
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

/** Sequences that are interesting right after each other. */
const sequels: readonly fc.Arbitrary<readonly Happening[]>[] = [
  // a request, and an outage that its work meets
  fc.tuple(request, outage),
  fc.tuple(request, outage, request),
  // a worker dies during a requested action, and a person requests another one
  fc.tuple(request, dying, request, worker),
  // an outage ends, and consumers learn late, or never
  fc.tuple(request, outage, time, worker),
  // a rollback during the grace, or during the soak
  fc.tuple(
    time,
    fc.record({ what: is('a request'), on, type: fc.constant('Rollback Requested' as const) }),
    outage,
  ),
];

/** A target that was rotated an hour ago can have every problem of a worst day. */
const youth: fc.Arbitrary<readonly Happening[]> = fc.oneof(fc.constant([]), {
  weight: 4,
  arbitrary: fc.constant([
    { what: 'a worker', on: 0 },
    { what: 'time passes', ms: HOUR },
    { what: 'a request', on: 0, type: 'Rotation Requested' },
    { what: 'a worker', on: 0 },
    { what: 'time passes', ms: HOUR },
  ] as const),
});

const anyOf = (list: typeof ways): fc.Arbitrary<readonly Happening[]> => {
  const one = fc.oneof(...list.map(([weight, arbitrary]) => ({ weight, arbitrary })));
  const several = fc.oneof({ weight: 10, arbitrary: fc.tuple(one) }, ...sequels);
  return fc
    .tuple(youth, fc.array(several, { minLength: 2, maxLength: 16 }))
    .map(([first, rest]) => [...first, ...rest.flat()]);
};

/** Histories of fleets at this provider. `shared`: several targets can share a vendor account. */
export const histories = (provider: string, shared: boolean): fc.Arbitrary<History> =>
  fc
    .record({
      targets: shared
        ? fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.constant(3))
        : fc.constant(1),
      driver: fc.oneof({ weight: 3, arbitrary: is('rekey') }, is('secrets-manager')),
      replicas: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
      moves: shared
        ? fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, fc.constant(true))
        : fc.constant(false),
      seed: fc.nat(),
    })
    .chain(({ driver, replicas, moves, ...fixed }) =>
      fc.record({
        provider: fc.constant(provider),
        targets: fc.constant(fixed.targets),
        driver: fc.constant(driver),
        replicas: fc.constant(replicas),
        moves: fc.constant(moves),
        seed: fc.constant(fixed.seed),
        happenings: anyOf([
          ...ways,
          ...worstDays,
          ...(driver === 'rekey' ? [] : nativeWays),
          ...(replicas ? replicaWays : []),
          ...(moves ? movingWays : []),
          ...(shared ? [] : crampedWays),
        ]),
      }),
    );
