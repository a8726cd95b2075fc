import { afterEach, expect, test } from 'vitest';
import { paramsOf } from '../support/providers.ts';
import { aTarget, DAY, HOUR } from '../support/snapshot.ts';
import { openSetup, type Setup } from './setup.ts';

let setup: Setup;
afterEach(() => setup.close());

const params = paramsOf(aTarget().provider);
const targets = Array.from({ length: 50 }, (_, index) =>
  aTarget({
    name: `app-${index}`,
    secret: `rekey/acme/app-${index}`,
    params,
    liveAtOnce: 20,
    verify: { within: 0, every: 0 },
  }),
);

test('fifty targets of a dead vendor cost one probe a sweep, and rotate soon after', async () => {
  setup = await openSetup({ id: 'acme', targets });
  await setup.round();
  await setup.events();
  setup.pass(31 * DAY);
  const vendor = setup.vendor(aTarget().provider);
  vendor.faults.next(/./, { status: 503 }, Number.POSITIVE_INFINITY);
  // the first sweep does not know yet that the vendor is down
  expect((await setup.round()).filter((body) => 'target' in body)).toHaveLength(targets.length);
  await setup.events();
  for (let sweep = 0; sweep < (2 * HOUR) / (5 * 60_000); sweep++) {
    const before = vendor.requests.length;
    const rotating = (await setup.round()).filter((body) => 'target' in body);
    expect(rotating.length).toBeLessThanOrEqual(1);
    // three attempts at the list of credentials, and no other call
    expect(vendor.requests.length - before).toBeLessThanOrEqual(3 * 3);
    expect((await setup.events()).length).toBeLessThanOrEqual(1);
  }
  vendor.faults.clear();
  await setup.round();
  await setup.round();
  const old: string[] = [];
  for (const { secret } of targets) {
    const { current } = await setup.ledger(secret);
    if (Number(setup.clock.now()) - Number(current?.credential?.issuedAt) > HOUR) old.push(secret);
  }
  expect(old).toEqual([]);
});
