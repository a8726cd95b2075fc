import { inspect } from 'node:util';
import fc from 'fast-check';
import { RekeyError } from '../../../lib/core/errors.ts';
import type { HttpAnswer } from '../../../lib/core/ports.ts';
import type { ProviderCall } from '../../../lib/core/provider.ts';
import { DAY, plus } from '../../../lib/core/time.ts';
import { createHttp } from '../../../lib/http/client.ts';
import { LOOPBACK } from '../../../lib/http/guard.ts';
import { providers } from '../../../lib/providers/index.ts';
import { warpClock } from '../../../lib/sandbox/clock.ts';
import type { Fault } from '../../../lib/sandbox/faults.ts';
import { vendors } from '../../../lib/sandbox/vendors/index.ts';
import { anyText, type Subject, subject } from './subject.ts';
import { replaced } from './texts.ts';

/** Part of answers in which a vendor might quote anything. */
const QUOTED = 'quoted-by-the-vendor-7Q';
const LABEL = `rekey-acme-0123456789ab-${'1'.repeat(32)}`;

/** A change of the vendor's n-th answer. */
interface Change {
  readonly call: number;
  readonly how:
    | { readonly status: number }
    | { readonly body: string }
    | { readonly at: number; readonly value: unknown }
    | { readonly keep: number }
    | { readonly type: string }
    | { readonly header: string; readonly text: string }
    /** On the wire: the call gets no answer. */
    | { readonly wire: keyof typeof wires }
    /** Days by which the vendor's clock is ahead. */
    | { readonly skew: number };
}

const wires = {
  upgrade: { upgrade: true },
  drip: { drip: true },
  'half-close': { halfClose: true },
  cut: { cut: 'after' },
} as const satisfies Record<string, Fault>;

const quoting = fc.oneof(
  anyText.map((text) => `${QUOTED}${text}`),
  fc.jsonValue(),
  fc.constantFrom(
    null,
    undefined,
    '',
    [],
    {},
    -1,
    Number.MAX_SAFE_INTEGER,
    true,
    { [QUOTED]: 1 },
    { [QUOTED]: {} },
  ),
);
const how: fc.Arbitrary<Change['how']> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ at: fc.nat(), value: quoting }) },
  {
    weight: 2,
    arbitrary: fc.record({
      status: fc.constantFrom(
        200,
        201,
        204,
        301,
        400,
        401,
        403,
        404,
        405,
        409,
        412,
        418,
        422,
        429,
        500,
        503,
      ),
    }),
  },
  fc.record({
    body: fc.oneof(
      anyText,
      fc.json(),
      fc.constant(`<html>${QUOTED}</html>`),
      fc.constant(`{"message":"${QUOTED}"}`),
    ),
  }),
  fc.record({ keep: fc.nat({ max: 100 }) }),
  fc.record({
    type: fc.constantFrom('text/html', 'application/json', 'application/problem+json', ''),
  }),
  fc.record({
    header: fc.constantFrom('retry-after', 'location', 'ratelimit-reset', 'link'),
    text: anyText,
  }),
  fc.record({ wire: fc.constantFrom(...(Object.keys(wires) as (keyof typeof wires)[])) }),
  fc.record({ skew: fc.constantFrom(-1, 1, 365) }),
);
const changes = fc.array(fc.record({ call: fc.nat({ max: 6 }), how }), {
  minLength: 1,
  maxLength: 4,
});

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

function changed(answer: HttpAnswer, { how: it }: Change): HttpAnswer {
  if ('wire' in it) return answer;
  if ('skew' in it)
    return {
      ...answer,
      body: answer.body.replace(TIME, (time) => plus(new Date(time), it.skew * DAY).toISOString()),
    };
  if ('status' in it) return { ...answer, status: it.status };
  if ('body' in it) return { ...answer, body: it.body };
  if ('keep' in it) return { ...answer, body: answer.body.slice(0, it.keep) };
  if ('type' in it) return { ...answer, headers: { ...answer.headers, 'content-type': it.type } };
  if ('header' in it) return { ...answer, headers: { ...answer.headers, [it.header]: it.text } };
  try {
    const json: unknown = JSON.parse(answer.body);
    replaced(json, it.at, it.value);
    return { ...answer, body: JSON.stringify(json) };
  } catch {
    return answer;
  }
}

/** A provider in front of its simulated vendor, with answers changed on the way. */
function answersOf(name: string): Subject {
  const clock = warpClock(new Date('2026-01-15T09:30:00Z'));
  const provider = providers[name];
  const vendor = vendors[name]?.({ clock });
  if (!provider || !vendor) throw new Error(`no provider ${name}`);
  const client = { now: clock.now, sleep: clock.sleep, allow: LOOPBACK, attempts: 1 };
  const http = createHttp(client);
  const hasty = createHttp({ ...client, deadline: 40 });
  const fresh = vendor.dump();
  let started: ReturnType<typeof vendor.start> | undefined;
  const admin = JSON.parse(vendor.admin) as Record<string, string>;
  const admins = Object.entries(admin).flatMap(([key, value]) =>
    ['accessKey', 'username'].includes(key) ? [] : [value],
  );

  async function stands(list: readonly Change[]): Promise<void> {
    if (!provider || !vendor) return;
    started ??= vendor.start();
    const { endpoint, registry } = await started;
    vendor.restore(fresh);
    vendor.faults.clear();
    let count = 0;
    const secrets = new Set(admins);
    const call: ProviderCall<unknown, unknown> = {
      params: provider.params.parse(vendor.params),
      admin: provider.admin.parse(JSON.parse(vendor.admin)),
      endpoint,
      registry,
      http: {
        async send(request) {
          const number = count++;
          const own = list.filter((change) => change.call === number);
          const wire = own.flatMap(({ how }) => ('wire' in how ? [wires[how.wire]] : []))[0];
          if (wire) vendor.faults.next(/./, wire);
          // the fault may not even have been reached; it must not affect the next call
          const answer = await (wire ? hasty : http)
            .send(request)
            .finally(() => vendor.faults.clear());
          for (const [, secret = ''] of answer.body.matchAll(
            /"(?:password|token|secret|api_key|key|auth)":\s*"([^"]{12,})"/g,
          ))
            secrets.add(secret);
          return own.reduce(changed, answer);
        },
      },
      now: clock.now,
      signal: new AbortController().signal,
    };
    /** Work that may fail, but only with an error of rekey that reveals nothing. */
    const tried = async <Result>(
      work: () => Promise<Result> | undefined,
    ): Promise<Result | undefined> => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof RekeyError)) throw error;
        if (error.message.includes(QUOTED))
          throw new Error(`the vendor is quoted: ${error.message}`);
        const shown = inspect(error, { depth: 10, showHidden: true });
        if ([...secrets].some((secret) => shown.includes(secret)))
          throw new Error(`a secret is shown: ${error.message}`);
        return undefined;
      }
    };
    await tried(() => provider.check(call));
    const expiresAt = provider.capabilities.expiry ? plus(clock.now(), 30 * DAY) : undefined;
    const credential = await tried(() => provider.issue(call, { label: LABEL, expiresAt }));
    const found = (await tried(() => provider.find?.(call, { prefix: LABEL }))) ?? [];
    if (found.some(({ label }) => !label.startsWith(LABEL)))
      throw new Error('a foreign credential was found');
    if (!credential) return;
    if (!credential.id || !credential.username || !credential.password.reveal())
      throw new Error('a credential lacks a part');
    await tried(() => provider.enable?.(call, credential, false));
    await tried(() => provider.revoke?.(call, credential));
  }
  const close = async () => {
    await Promise.all([http.close(), hasty.close()]);
    await (await started)?.close();
  };
  return subject(`answers to ${name}`, changes, stands, close);
}

export const answers: readonly Subject[] = Object.keys(providers).map(answersOf);
