import { afterEach, describe, expect, test } from 'vitest';
import { paramsOf } from '../support/providers.ts';
import { aTarget, DAY, HOUR } from '../support/snapshot.ts';
import { openSetup, type Setup } from './setup.ts';

let setup: Setup;
afterEach(() => setup.close());

const params = paramsOf(aTarget().provider);
const fleetOf = (count: number) => ({
  id: 'acme',
  targets: Array.from({ length: count }, (_, index) =>
    aTarget({
      name: `app-${index}`,
      secret: `rekey/acme/app-${index}`,
      params,
      liveAtOnce: 20,
      grace: DAY,
      soak: 0,
      compromisedGrace: 0,
      verify: { within: 0, every: 0 },
    }),
  ),
});

const alive = () =>
  setup
    .vendor(aTarget().provider)
    .credentials()
    .filter(({ state }) => state === 'enabled')
    .map(({ id }) => id);
const untilOf = (detail: Record<string, unknown> | undefined) =>
  (detail?.data as { until?: string } | undefined)?.until;
let requests = 0;
const request = (type: string, index: number) =>
  setup.request({
    id: `c0ffee00-0000-4000-8000-${String(requests++).padStart(12, '0')}`,
    'detail-type': type,
    source: 'acme.security',
    detail: { target: `app-${index}`, correlationId: `incident-${index}` },
  });
const ofTargets = async () => (await setup.bodies()).filter((body) => 'target' in body);
const currentOf = async (index: number) =>
  (await setup.ledger(`rekey/acme/app-${index}`)).current?.credential?.id ?? '';
const told = async (type: string) =>
  (await setup.events()).filter((event) => event['detail-type'] === type);

describe('nine of nine targets are reported as compromised in one call', () => {
  const nine = Array.from({ length: 9 }, (_, index) => index);
  let leaked: string[];
  const begin = async () => {
    setup = await openSetup(fleetOf(9));
    await setup.round();
    leaked = await Promise.all(nine.map(currentOf));
    setup.pass(HOUR);
    await setup.events();
    for (const index of nine) await request('Credential Compromised', index);
  };

  test('nine reported targets all rotate at once, and none ends before its grace', async () => {
    await begin();
    await setup.deliver(await ofTargets());
    for (const index of nine) expect(await currentOf(index)).not.toBe(leaked[index]);
    expect(leaked.filter((id) => !alive().includes(id))).toEqual([]);
    const events = await setup.events();
    const held = events
      .filter((event) => event['detail-type'] === 'Request Held')
      .map(({ detail }) => detail);
    expect(held).toHaveLength(9);
    expect(held[0]).toMatchObject({
      metadata: { correlationId: 'incident-0' },
      data: {
        request: 'Credential Compromised',
        gate: 'unconfirmed',
        final: false,
        until: expect.any(String),
      },
    });
    const rotated = events.find((event) => event['detail-type'] === 'Credential Rotated')?.detail
      .data;
    expect(rotated).toMatchObject({
      reason: 'compromised',
      previous: { revokeAfter: untilOf(held[0]) },
    });
    // the hour in which the reports were counted is over, and no one has confirmed anything
    setup.pass(3 * HOUR);
    await setup.round();
    expect(leaked.filter((id) => !alive().includes(id))).toEqual([]);
    expect(setup.printed.join('')).toContain('"CompromisesUnconfirmed":9');
    expect(await told('Request Held'), 'once').toEqual([]);
    setup.pass(DAY);
    await setup.round();
    await setup.round();
    expect(leaked.filter((id) => alive().includes(id))).toEqual([]);
  });

  test('a confirmed compromise ends at once, and no other', async () => {
    await begin();
    await setup.deliver(await ofTargets());
    await request('Compromise Confirmed', 3);
    await setup.deliver(await ofTargets());
    expect(leaked.filter((id) => !alive().includes(id))).toEqual([leaked[3]]);
  });

  test('a compromise confirmed before the reports arrive is not held', async () => {
    await begin();
    await request('Compromise Confirmed', 3);
    await setup.deliver(await ofTargets());
    expect(leaked.filter((id) => !alive().includes(id))).toEqual([leaked[3]]);
  });

  test('reports one after another end only the usual number of credentials early', async () => {
    setup = await openSetup(fleetOf(9));
    await setup.round();
    leaked = await Promise.all(nine.map(currentOf));
    setup.pass(HOUR);
    for (const index of nine) {
      await request('Credential Compromised', index);
      await setup.deliver(await ofTargets());
    }
    expect(leaked.filter((id) => !alive().includes(id))).toEqual(leaked.slice(0, 5));
    for (const index of nine) expect(await currentOf(index)).not.toBe(leaked[index]);
  });
});

test('two reported targets of a hundred are dead at once', async () => {
  setup = await openSetup(fleetOf(100));
  // two of them have credentials; the others only count towards the size of the fleet
  await setup.deliver([
    { target: 'app-7', correlationId: 'x' },
    { target: 'app-8', correlationId: 'x' },
  ]);
  const leaked = [await currentOf(7), await currentOf(8)];
  setup.pass(HOUR);
  await request('Credential Compromised', 7);
  await request('Credential Compromised', 8);
  await setup.events();
  await setup.deliver(await ofTargets());
  expect(leaked.filter((id) => alive().includes(id))).toEqual([]);
  expect(await told('Request Held')).toEqual([]);
});
