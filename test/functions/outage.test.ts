import { afterEach, expect, test } from 'vitest';
import { paramsOf } from '../support/providers.ts';
import { aTarget, DAY, HOUR } from '../support/snapshot.ts';
import { type Staged, staged } from './staged.ts';

let stage: Staged;
afterEach(() => stage.close());

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
  stage = await staged({ id: 'acme', targets });
  await stage.round();
  await stage.events();
  stage.pass(31 * DAY);
  const vendor = stage.vendor(aTarget().provider);
  vendor.faults.next(/./, { status: 503 }, Number.POSITIVE_INFINITY);
  // the first sweep does not know yet that the vendor is down
  expect((await stage.round()).filter((body) => 'target' in body)).toHaveLength(targets.length);
  await stage.events();
  for (let sweep = 0; sweep < (2 * HOUR) / (5 * 60_000); sweep++) {
    const before = vendor.requests.length;
    const rotating = (await stage.round()).filter((body) => 'target' in body);
    expect(rotating.length).toBeLessThanOrEqual(1);
    // three attempts at the list of credentials, and no other call
    expect(vendor.requests.length - before).toBeLessThanOrEqual(3 * 3);
    expect((await stage.events()).length).toBeLessThanOrEqual(1);
  }
  vendor.faults.clear();
  await stage.round();
  await stage.round();
  const old: string[] = [];
  for (const { secret } of targets) {
    const { current } = await stage.ledger(secret);
    if (Number(stage.clock.now()) - Number(current?.credential?.issuedAt) > HOUR) old.push(secret);
  }
  expect(old).toEqual([]);
});
