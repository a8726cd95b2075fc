import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ErrorCode, RekeyError } from '../../lib/core/errors.ts';
import type { Clock, Verdict } from '../../lib/core/ports.ts';
import {
  addressOf,
  type Credential,
  type LabelFilter,
  type Order,
  type Provider,
  type ProviderCall,
} from '../../lib/core/provider.ts';
import { Secret } from '../../lib/core/secret.ts';
import { DAY, HOUR, MINUTE, plus } from '../../lib/core/time.ts';
import { createHttp, type HttpOptions } from '../../lib/http/client.ts';
import { LOOPBACK } from '../../lib/http/guard.ts';
import { createRegistryCheck } from '../../lib/registry/check.ts';
import { type Fault, htmlPage } from '../../lib/sandbox/faults.ts';
import type { SimulatedVendor, VendorOptions } from '../../lib/sandbox/vendors/index.ts';

/** A clock that stands still until `advance` moves it. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function manualClock(start = new Date('2030-01-01T00:00:00Z')): ManualClock {
  let now = start;
  const advance = (ms: number) => {
    now = plus(now, ms);
  };
  return { now: () => now, advance, sleep: async (ms) => advance(ms) };
}

/** A provider and its simulated vendor. The patterns match its requests, as "METHOD /path". */
export interface Subject<
  Vendor extends SimulatedVendor = SimulatedVendor,
  Params = unknown,
  Admin = unknown,
> {
  readonly provider: Provider<Params, Admin>;
  readonly vendor: (options: VendorOptions) => Vendor;
  readonly create: RegExp;
  readonly list: RegExp;
  readonly remove: RegExp;
  /** The request that disables, if the provider can. */
  readonly update?: RegExp;
  /** An admin secret with this text in it. @default `{ token: text }` */
  readonly admin?: (text: unknown) => Record<string, unknown>;
  /** The text is a password, which may contain anything. */
  readonly anyPassword?: boolean;
  /** An id in the vendor's form that no credential has. @default a UUID */
  readonly unknownId?: string;
  /** Changes of the simulated vendor's params. */
  readonly place?: {
    /** Changes after which the credentials live elsewhere. */
    readonly moves: readonly Readonly<Record<string, unknown>>[];
    /** Changes after which the same credentials are still found. */
    readonly stays: readonly Readonly<Record<string, unknown>>[];
  };
  /** All credentials have the username of the account. */
  readonly sharedUsername?: boolean;
  /**
   * A credential is revoked with its own password, without the admin credential. Its id is not
   * enough.
   */
  readonly endsItself?: boolean;
  /** Error codes of answers to a revocation, by their names in `refusals`, where they differ. */
  readonly revocationCodes?: Readonly<Record<string, ErrorCode>>;
}

/** A vendor that was started for one test, and a call to it. */
export interface World<
  Vendor extends SimulatedVendor = SimulatedVendor,
  Params = unknown,
  Admin = unknown,
> {
  readonly vendor: Vendor;
  readonly clock: ManualClock;
  call(change?: {
    params?: Record<string, unknown>;
    admin?: unknown;
    signal?: AbortSignal;
    http?: HttpOptions;
  }): ProviderCall<Params, Admin>;
  /** An order as the engine makes it: with an expiry if the provider cannot list. */
  order(label?: string): Order;
  issue(label?: string): Promise<Credential>;
  /** The outcome of a check of a credential at the registry. */
  verdict(credential: Credential): Promise<Verdict['outcome']>;
  /** Ids of all live credentials at the vendor. */
  alive(): string[];
  count(pattern: RegExp): number;
}

export async function openWorld<Vendor extends SimulatedVendor, Params, Admin>({
  provider,
  vendor: create,
}: Subject<Vendor, Params, Admin>): Promise<World<Vendor, Params, Admin>> {
  const clock = manualClock();
  const vendor = create({ clock });
  const started = await vendor.start();
  const https: { close(): Promise<void> }[] = [];
  onTestFinished(async () => {
    await started.close();
    await Promise.all(https.map((http) => http.close()));
  });
  const connect = (options?: HttpOptions) => {
    const http = createHttp({ allow: LOOPBACK, sleep: async () => {}, ...options });
    https.push(http);
    return http;
  };
  const call: World<Vendor, Params, Admin>['call'] = ({ params, admin, signal, http } = {}) => ({
    params: provider.params.parse({ ...vendor.params, ...params }),
    admin: provider.admin.parse(admin ?? JSON.parse(vendor.admin)),
    endpoint: started.endpoint,
    registry: started.registry,
    http: connect(http),
    now: clock.now,
    signal: signal ?? new AbortController().signal,
  });
  const order = (label = labelled()): Order => ({
    label,
    ...(!provider.find && { expiresAt: plus(clock.now(), LIFETIME) }),
  });
  return {
    vendor,
    clock,
    call,
    order,
    issue: (label) => provider.issue(call(), order(label)),
    async verdict({ registry, username, password, bearer }) {
      const { realms } = addressOf(provider, vendor.params, { api: started.endpoint });
      const question = { registry, username, password, bearer, realms };
      return (
        await createRegistryCheck({ http: connect(), now: clock.now }).check(
          question,
          new AbortController().signal,
        )
      ).outcome;
    },
    alive: () => vendor.credentials().flatMap(({ id, state }) => (state === 'enabled' ? [id] : [])),
    count: (pattern) => vendor.requests.filter((line) => pattern.test(line)).length,
  };
}

/** Lifetime of a credential that is given an expiry, in milliseconds. */
const LIFETIME = 30 * DAY;

export const prefix = 'rekey-fleet-0123abcd-';
export const labelled = (start = prefix): string => `${start}${randomUUID().replaceAll('-', '')}`;

/** A text in the vendor's bodies that must never appear in an error. */
const canary = 'CANARY-7d2f';
const json = (status: number, body: unknown, headers = {}): Fault => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
const refusal = (status: number, headers = {}) =>
  json(status, { message: canary, err_msg: canary, secret: canary, id: canary }, headers);

type Row = [what: string, fault: Fault, code: ErrorCode, retryAfter?: number];

const refusals: readonly Row[] = [
  ['400', refusal(400), 'rejected'],
  ['401', refusal(401), 'admin-refused'],
  ['403', refusal(403), 'forbidden'],
  ['404', refusal(404), 'not-found'],
  ['409', refusal(409), 'conflict'],
  ['429', refusal(429), 'throttled'],
  ['429 with Retry-After', refusal(429, { 'retry-after': '70' }), 'throttled', 70_000],
  ['429 as HTML from a proxy', htmlPage(429), 'throttled'],
  ['500', refusal(500), 'provider-failed'],
  [
    '503 as HTML with Retry-After',
    { status: 503, headers: { 'retry-after': '30' }, body: `<p>${canary}</p>` },
    'provider-failed',
    30_000,
  ],
  [
    'a redirect',
    { status: 302, headers: { location: `http://127.0.0.1:9/${canary}` } },
    'bad-answer',
  ],
  ['a hang', { hang: true }, 'unreachable'],
  ['a connection cut before', { cut: 'before' }, 'unreachable'],
  [
    'a page of HTML with status 200',
    { status: 200, headers: { 'content-type': 'text/html' }, body: `<p>${canary}</p>` },
    'bad-answer',
  ],
  ['a huge body', json(200, { [canary]: 'x'.repeat(1_200_000) }), 'bad-answer'],
];
const lostAnswers: readonly Row[] = [
  ['a connection cut after', { cut: 'after' }, 'unreachable'],
  ['half an answer', { truncate: true }, 'unreachable'],
  ['500 after it was done', { status: 500, body: canary, carriedOut: true }, 'provider-failed'],
  ['an empty 200 after it was done', { status: 200, body: '', carriedOut: true }, 'bad-answer'],
];
const wrongJson: readonly Row[] = [
  [
    'other JSON',
    json(200, {
      surprise: canary,
      items: canary,
      properties: canary,
      distribution_credentials: canary,
    }),
    'bad-answer',
  ],
  ['null', json(200, null), 'bad-answer'],
  ['a list', json(200, [canary]), 'bad-answer'],
];

/** A hang gets a short deadline, so that no test waits for long. */
const patience = (fault: Fault): HttpOptions => ('hang' in fault ? { deadline: 300 } : {});

/** The contract that every provider must meet, tested against its simulated vendor. */
export function testProvider(name: string, subject: Subject): void {
  const { provider, create, list, remove, update } = subject;
  const open = () => openWorld(subject);
  const lists = provider.find !== undefined;
  const find = (call: ProviderCall<unknown, unknown>, filter: LabelFilter = { prefix }) =>
    provider.find?.(call, filter) ?? Promise.resolve([]);
  const { revoke = () => Promise.reject(new Error('it has no revoke')), lifetime } = provider;
  const revokes = provider.revoke !== undefined;
  const { admin = (token: unknown) => ({ token }) } = subject;
  /** A credential that the vendor does not know. */
  const unknown = () => ({
    id: subject.unknownId ?? randomUUID(),
    password: new Secret('unknown'),
  });

  /** Expects no live credential; if the provider cannot list, none after its expiry. */
  function leavesNothing(world: World): void {
    if (!lists) world.clock.advance(LIFETIME);
    expect(world.alive()).toEqual([]);
  }

  /** Runs work that must fail, and checks the text of its error. */
  async function failure(work: Promise<unknown>, world: World): Promise<RekeyError> {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RekeyError);
    if (!(error instanceof RekeyError)) throw error;
    expect(error.message).toMatch(new RegExp(`^${name}: [a-z]+ [a-z ]+: .`));
    expect(error.message).not.toMatch(/https?:|\/registries|\/v1\/|\?/);
    const shown = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`;
    const secrets = Object.values(JSON.parse(world.vendor.admin) as Record<string, string>);
    for (const text of [canary, ...secrets]) expect(shown).not.toContain(text);
    return error;
  }

  describe(`${name}: issuing`, () => {
    test('issue returns a credential that the registry accepts', async () => {
      const world = await open();
      const credential = await world.issue();
      expect(await world.verdict(credential)).toBe('accepted');
      expect(world.alive()).toEqual([credential.id]);
      expect(`${inspect(credential)} ${JSON.stringify(credential)}`).not.toContain(
        credential.password.reveal(),
      );
    });

    test('issue keeps the previous credential alive', async () => {
      const world = await open();
      const [first, second] = [await world.issue(), await world.issue()];
      expect(first.password.reveal()).not.toBe(second.password.reveal());
      if (!subject.sharedUsername) expect(first.username).not.toBe(second.username);
      expect([await world.verdict(first), await world.verdict(second)]).toEqual([
        'accepted',
        'accepted',
      ]);
    });

    if (provider.capabilities.expiry) {
      test('issue passes the expiry on, and the credential ends then', async () => {
        const world = await open();
        const expiresAt = plus(world.clock.now(), DAY);
        const credential = await provider.issue(world.call(), { label: labelled(), expiresAt });
        expect(credential.expiresAt).toEqual(expiresAt);
        world.clock.advance(DAY - MINUTE);
        expect(await world.verdict(credential)).toBe('accepted');
        world.clock.advance(MINUTE);
        expect(await world.verdict(credential)).toBe('refused');
        expect(await find(world.call())).toEqual([]);
      });
    } else if (lifetime) {
      test('issue returns the expiry, and the credential ends then', async () => {
        const world = await open();
        const credential = await world.issue();
        expect(credential.expiresAt).toEqual(
          plus(world.clock.now(), lifetime(world.call().params)),
        );
        world.clock.advance(lifetime(world.call().params) - MINUTE);
        expect(await world.verdict(credential)).toBe('accepted');
        world.clock.advance(MINUTE);
        expect(await world.verdict(credential)).toBe('refused');
      });
    } else {
      test('issue returns no expiry', async () => {
        const world = await open();
        const credential = await provider.issue(world.call(), {
          label: labelled(),
          expiresAt: plus(world.clock.now(), DAY),
        });
        expect(credential.expiresAt).toBeUndefined();
      });
    }

    test('undocumented fields in an answer are ignored', async () => {
      const world = await open();
      world.vendor.behaviour.extraFields = true;
      const credential = await world.issue();
      expect(await find(world.call())).toHaveLength(lists ? 1 : 0);
      await provider.enable?.(world.call(), credential, false);
      if (revokes) await revoke(world.call(), credential);
      leavesNothing(world);
    });

    if (provider.capabilities.readAgain) {
      test('issue reads the secret again if the answer does not show it', async () => {
        const world = await open();
        world.vendor.behaviour.secretless = true;
        expect(await world.verdict(await world.issue())).toBe('accepted');
        expect(world.count(create)).toBe(1);
      });
    } else {
      test('an answer without the secret is a failure, and leaves nothing alive', async () => {
        const world = await open();
        world.vendor.behaviour.secretless = true;
        expect(await failure(world.issue(), world)).toMatchObject({
          code: 'bad-answer',
          retryable: true,
        });
        expect(world.count(create)).toBe(1);
        leavesNothing(world);
      });
    }

    if (lists && !provider.capabilities.readAgain) {
      test('a useless credential that cannot be deleted is found later', async () => {
        const world = await open();
        world.vendor.behaviour.secretless = true;
        world.vendor.faults.next(remove, refusal(500), 9);
        expect(await failure(world.issue(), world)).toMatchObject({ code: 'bad-answer' });
        expect(await find(world.call())).toHaveLength(1);
      });
    }

    test.each<Row>([...refusals, ...wrongJson])(
      'a create answered by %s is sent once and leaves nothing',
      async (_what, fault, code, retryAfter) => {
        const world = await open();
        world.vendor.faults.next(create, fault, 9);
        const error = await failure(
          provider.issue(world.call({ http: patience(fault) }), world.order()),
          world,
        );
        expect(error).toMatchObject({ code, retryAfter });
        expect(world.count(create)).toBe(1);
        expect(world.alive()).toEqual([]);
      },
    );

    test.each<Row>(lostAnswers)(
      'a create answered by %s is sent once and leaves what is found or expires',
      async (_what, fault, code) => {
        const world = await open();
        world.vendor.faults.next(create, fault, 9);
        const label = labelled();
        expect(await failure(world.issue(label), world)).toMatchObject({ code, retryable: true });
        expect(world.count(create)).toBe(1);
        expect(world.alive()).toHaveLength(1);
        const found = await find(world.call());
        expect(found).toMatchObject(lists ? [{ id: world.alive()[0], label }] : []);
        for (const orphan of found) await revoke(world.call(), orphan);
        leavesNothing(world);
      },
    );
  });

  if (lists) {
    describe(`${name}: finding`, () => {
      test('find returns credentials by the prefix of their label', async () => {
        const world = await open();
        const label = labelled();
        const { id } = await world.issue(label);
        const found = [expect.objectContaining({ id, label })];
        expect(await find(world.call())).toEqual(found);
        expect(await find(world.call(), { prefix: label })).toEqual(found);
      });

      test('find returns the one credential with a label', async () => {
        const world = await open();
        const label = labelled();
        const { id } = await world.issue(label);
        await world.issue();
        expect(await find(world.call(), { label })).toEqual([
          expect.objectContaining({ id, label, issuedAt: expect.any(Date) }),
        ]);
        expect(await find(world.call(), { label: label.slice(0, -1) })).toEqual([]);
        await revoke(world.call(), { id });
        expect(await find(world.call(), { label })).toEqual([]);
      });

      test('find returns the time at which a credential was issued', async () => {
        const world = await open();
        await world.issue();
        const [found] = await find(world.call());
        const createdAt = world.vendor.credentials()[0]?.createdAt.getTime() ?? 0;
        // some vendors return whole seconds
        expect(Math.abs((found?.issuedAt?.getTime() ?? 0) - createdAt)).toBeLessThan(1000);
      });

      test('find returns nothing from an empty account', async () => {
        const world = await open();
        expect(await find(world.call())).toEqual([]);
      });

      test('find skips credentials of other targets, other fleets and strangers', async () => {
        const world = await open();
        const others = [
          'rekey-fleet-ffff0000-',
          'rekey-flee-0123abcd-',
          'my-',
          prefix.toUpperCase(),
          `my-${prefix}`,
        ].map((start) => labelled(start));
        for (const label of [...others, '', 'rekey']) world.vendor.plant(label);
        const before = world.alive();
        const credential = await world.issue();
        expect(await find(world.call())).toMatchObject([{ id: credential.id }]);
        await revoke(world.call(), credential);
        expect(world.alive()).toEqual(before);
      });

      test('find does not return revoked credentials', async () => {
        const world = await open();
        const credential = await world.issue();
        await revoke(world.call(), credential);
        expect(await find(world.call())).toEqual([]);
      });

      test('find reads all of 250 credentials', async () => {
        const world = await open();
        const planted = Array.from({ length: 250 }, (_, number) => {
          const label = labelled(number % 10 === 0 ? 'stranger-' : prefix);
          return { ...world.vendor.plant(label), label };
        });
        const found = await find(world.call());
        expect(found.map(({ id, label }) => ({ id, label }))).toEqual(
          planted.filter(({ label }) => label.startsWith(prefix)),
        );
      });

      test('find reads a list of 12 MB, and gives up on one of 17 MB', async () => {
        const world = await open();
        const { id } = await world.issue();
        const padded = (megabytes: number) => (body: string) =>
          body + ' '.repeat(megabytes * 1024 * 1024);
        world.vendor.faults.next(subject.list, { altered: padded(12) });
        expect((await find(world.call())).map((found) => found.id)).toEqual([id]);
        world.vendor.faults.next(subject.list, { altered: padded(17) });
        await expect(find(world.call())).rejects.toMatchObject({
          code: 'bad-answer',
        });
      });

      test.each([...refusals, ...wrongJson, ...lostAnswers.slice(0, 2)])(
        'a list answered by %s fails instead of finding nothing',
        async (_what, fault, code, retryAfter) => {
          const world = await open();
          world.vendor.faults.next(list, fault, 9);
          const error = await failure(find(world.call({ http: patience(fault) })), world);
          expect(error).toMatchObject({ code, retryAfter });
        },
      );

      test('find survives two failures of the vendor', async () => {
        const world = await open();
        await world.issue();
        world.vendor.faults.next(list, { cut: 'before' });
        world.vendor.faults.next(list, refusal(502));
        expect(await find(world.call())).toHaveLength(1);
      });
    });
  }

  if (revokes)
    describe(`${name}: revoking`, () => {
      test('revoke ends a credential, and a repeat changes nothing', async () => {
        const world = await open();
        const [old, young] = [await world.issue(), await world.issue()];
        await revoke(world.call(), old);
        await revoke(world.call(), old);
        expect([await world.verdict(old), await world.verdict(young)]).toEqual([
          'refused',
          'accepted',
        ]);
        expect(world.alive()).toEqual([young.id]);
      });

      test('revoke succeeds for an unknown credential', async () => {
        const world = await open();
        await revoke(world.call(), unknown());
      });

      if (subject.endsItself) {
        test('revoke needs the password, and sends no request without it', async () => {
          const world = await open();
          const { id } = await world.issue();
          const before = world.vendor.requests.length;
          expect(await failure(revoke(world.call(), { id }), world)).toMatchObject({
            code: 'secret-unreadable',
            retryable: false,
          });
          expect(world.vendor.requests).toHaveLength(before);
        });

        test('revoke needs no admin credential', async () => {
          const world = await open();
          const credential = await world.issue();
          await revoke(world.call({ admin: { token: 'wrong' } }), credential);
          expect(world.alive()).toEqual([]);
        });
      } else {
        test('revoke needs only the id', async () => {
          const world = await open();
          const { id } = await world.issue();
          await revoke(world.call(), { id });
          expect(world.alive()).toEqual([]);
        });

        test.each(['', '.', '..', '../x', 'a/b', '?a=b', '%2e%2e', 'a b', 'ä'])(
          'revoke sends no request for the invalid id %j',
          async (id) => {
            const world = await open();
            expect(await failure(revoke(world.call(), { id }), world)).toMatchObject({
              code: 'rejected',
              retryable: false,
            });
            expect(world.vendor.requests).toEqual([]);
          },
        );
      }

      test('a revocation whose answer is lost succeeds at the next attempt', async () => {
        const world = await open();
        const credential = await world.issue();
        world.vendor.faults.next(remove, { cut: 'after' });
        await revoke(world.call(), credential);
        expect(world.alive()).toEqual([]);
      });

      test('revoke does not wait for the registry', async () => {
        const world = await open();
        const credential = await world.issue();
        world.vendor.behaviour.delays.delete = HOUR;
        await revoke(world.call(), credential);
        expect(await world.verdict(credential)).toBe('accepted');
        world.clock.advance(HOUR);
        expect(await world.verdict(credential)).toBe('refused');
      });

      const failing = refusals.filter(([what]) => what !== '404');
      test.each<Row>(failing)(
        'a revocation answered by %s fails and leaves the credential alive',
        async (what, fault, code, retryAfter) => {
          const world = await open();
          const credential = await world.issue();
          world.vendor.faults.next(remove, fault, 9);
          const error = await failure(
            revoke(world.call({ http: patience(fault) }), credential),
            world,
          );
          expect(error).toMatchObject({
            code: subject.revocationCodes?.[what] ?? code,
            retryAfter,
          });
          expect(world.alive()).toEqual([credential.id]);
        },
      );
    });

  if (provider.enable) {
    describe(`${name}: disabling`, () => {
      const enable = (
        world: World,
        credential: { id: string },
        enabled: boolean,
        http?: HttpOptions,
      ) =>
        provider.enable?.(world.call(http ? { http } : {}), credential, enabled) ??
        Promise.reject(new Error('it has no enable'));

      test('enable suspends and restores a credential, and a repeat changes nothing', async () => {
        const world = await open();
        const credential = await world.issue();
        await enable(world, credential, false);
        await enable(world, credential, false);
        expect(await world.verdict(credential)).toBe('refused');
        await enable(world, credential, true);
        await enable(world, credential, true);
        expect(await world.verdict(credential)).toBe('accepted');
      });

      test('a disabled credential is not found, and can be revoked', async () => {
        const world = await open();
        const credential = await world.issue();
        await enable(world, credential, false);
        expect(await find(world.call())).toEqual([]);
        await revoke(world.call(), credential);
        expect(world.vendor.credentials()).toMatchObject([{ state: 'deleted' }]);
      });

      test('an unknown id can be disabled, but not enabled', async () => {
        const world = await open();
        await enable(world, unknown(), false);
        expect(await failure(enable(world, unknown(), true), world)).toMatchObject({
          code: 'not-found',
          retryable: false,
        });
      });

      const failing = refusals.filter(([what]) => what !== '404');
      test.each<Row>(failing)(
        'a disabling answered by %s fails and leaves the credential alive',
        async (_what, fault, code, retryAfter) => {
          const world = await open();
          const credential = await world.issue();
          world.vendor.faults.next(update ?? /^PATCH/, fault, 9);
          expect(
            await failure(enable(world, credential, false, patience(fault)), world),
          ).toMatchObject({ code, retryAfter });
          expect(await world.verdict(credential)).toBe('accepted');
        },
      );
    });
  }

  describe(`${name}: a run that is over`, () => {
    const works: [
      name: string,
      pattern: RegExp,
      work: (call: ProviderCall<unknown, unknown>) => Promise<unknown>,
    ][] = [
      [
        'a create',
        create,
        (call) =>
          provider.issue(call, { label: labelled(), expiresAt: new Date('2030-02-01T00:00:00Z') }),
      ],
    ];
    if (lists) works.push(['a list', list, (call) => find(call)]);
    if (revokes) works.push(['a revocation', remove, (call) => revoke(call, unknown())]);

    test('a run that is over sends no request', async () => {
      const world = await open();
      const reason = new Error('the time is over');
      const call = world.call({ signal: AbortSignal.abort(reason) });
      const results = await Promise.allSettled(works.map(([, , work]) => work(call)));
      expect(results).toEqual(results.map(() => ({ status: 'rejected', reason })));
      expect(world.vendor.requests).toEqual([]);
    });

    test.each(works)(
      'a run that is over does not wait for the answer to %s',
      async (_what, pattern, work) => {
        const world = await open();
        const reason = new Error('the time is over');
        const controller = new AbortController();
        world.vendor.faults.next(pattern, { hang: true });
        const result = Promise.allSettled([work(world.call({ signal: controller.signal }))]);
        await expect.poll(() => world.count(pattern), { interval: 5 }).toBe(1);
        controller.abort(reason);
        expect(await result).toEqual([{ status: 'rejected', reason }]);
      },
    );
  });

  describe(`${name}: the admin credential`, () => {
    test('a wrong admin credential is refused in every call', async () => {
      const world = await open();
      const call = () => world.call({ admin: admin('WRONG-CANARY') });
      for (const work of [
        provider.issue(call(), world.order()),
        ...(lists ? [find(call())] : []),
        ...(subject.endsItself || !revokes ? [] : [revoke(call(), unknown())]),
      ]) {
        const error = await failure(work, world);
        expect(error).toMatchObject({ code: 'admin-refused', retryable: false });
        expect(error.message).toContain('admin secret');
        expect(inspect(error, { depth: 9 })).not.toContain('WRONG-CANARY');
      }
    });

    const texts = [
      ['a token of two words', admin('two words')],
      ['a token with a line break inside', admin('a\nb')],
    ] as const;
    test.each<readonly [string, unknown]>([
      ['an unknown field', { ...admin('a'), other: 'b' }],
      ['nothing', {}],
      ['a number', admin(7)],
      ['null', null],
      ...(subject.anyPassword ? [] : texts),
    ])('an admin secret is refused if it is %s', (_what, content) => {
      expect(provider.admin.safeParse(content).success).toBe(false);
    });

    test('the text of an admin credential is wrapped at once', () => {
      expect(inspect(provider.admin.parse(admin(' CANARY\n')), { depth: 9 })).not.toContain(
        'CANARY',
      );
    });
  });

  test(`${name}: parameters are strict`, () => {
    const { params } = subject.vendor({ clock: manualClock() });
    expect(provider.params.safeParse(params).success).toBe(true);
    expect(provider.params.safeParse({ ...params, sopes: [] }).success).toBe(false);
    for (const key of Object.keys(params))
      expect(provider.params.safeParse({ ...params, [key]: '../x' }).success).toBe(false);
  });

  test(`${name}: the place follows from the parameters that locate a credential`, () => {
    const { params } = subject.vendor({ clock: manualClock() });
    const place = (change: object) =>
      provider.place?.(provider.params.parse({ ...params, ...change }));
    const here = place({});
    expect(here).toBeDefined();
    for (const change of subject.place?.moves ?? [])
      expect(place(change), JSON.stringify(change)).not.toEqual(here);
    for (const change of subject.place?.stays ?? [])
      expect(place(change), JSON.stringify(change)).toEqual(here);
  });
}
