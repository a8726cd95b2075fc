import { randomUUID } from 'node:crypto';
import { DAY, MINUTE, plus } from '../../../lib/core/time.ts';
import { ionos } from '../../../lib/providers/ionos.ts';
import { createSimulatedIonos } from '../../../lib/sandbox/vendors/ionos/index.ts';
import { answers, type Direct, fails, holds, play } from './record.ts';

const prefix = 'rekey-fleet-0123456789ab-';
const labelled = () => `${prefix}${randomUUID().replaceAll('-', '')}`;
const scene = {
  provider: ionos,
  vendor: createSimulatedIonos,
  registry: 'simulated.cr.de-txl.ionos.com',
};

export const driveIonos = () =>
  play(scene, async ({ vendor, clock, exchanges, call, ask }) => {
    const { behaviour, faults, params } = vendor;
    const expiresAt = plus(clock.now(), 30 * DAY);

    await ionos.check(call());
    await ionos.check(call({ params: { contractNumber: '31720930' } }));
    await ionos.check(
      call({ admin: { username: 'admin@example.test', password: 'simulated-ionos-password' } }),
    );
    const label = labelled();
    const credential = await ionos.issue(call(), { label, expiresAt });
    await ionos.issue(call(), { label: labelled() });
    await ionos.issue(
      call({
        params: { scopes: [{ type: 'registry', name: '*', actions: ['pull', 'push', 'delete'] }] },
      }),
      {
        label: labelled(),
      },
    );
    await fails('conflict', ionos.issue(call(), { label }));
    await fails(
      'rejected',
      ionos.issue(call(), { label: labelled(), expiresAt: plus(clock.now(), MINUTE) }),
    );
    behaviour.createStatus = 200;
    await ionos.issue(call(), { label: labelled() });
    behaviour.createStatus = 201;
    behaviour.secretless = true;
    await fails('bad-answer', ionos.issue(call(), { label: labelled() }));
    behaviour.secretless = false;

    for (let number = 0; number < 150; number++) vendor.plant(`stranger-${number}`);
    holds((await ionos.find(call(), { prefix })).length === 4, 'four tokens found by their label');
    holds(exchanges.at(-1)?.query === 'offset=100&limit=100', 'a second page');
    await ionos.enable?.(call(), credential, false);
    await ionos.enable?.(call(), credential, true);
    await ionos.enable?.(call(), { id: randomUUID() }, false);
    await fails(
      'not-found',
      ionos.enable?.(call(), { id: randomUUID() }, true) ?? Promise.resolve(),
    );
    await ionos.revoke(call(), credential);
    await ionos.revoke(call(), credential);
    behaviour.registryState = 'New';
    await fails('provider-failed', ionos.check(call()));
    behaviour.registryState = 'Running';

    const authorization = `Bearer ${(JSON.parse(vendor.admin) as { token: string }).token}`;
    const { id } = vendor.plant('planted');
    const ours = questions(String(params.registryId), id, authorization);
    const all = Object.values(ours);
    await answers(200, ask(ours.show));
    for (const question of Object.values(questions(randomUUID(), id, authorization)))
      await answers(404, ask(question));
    for (const question of all)
      await answers(401, ask({ ...question, authorization: 'Bearer wrong' }));
    behaviour.privileged = false;
    for (const question of all) await answers(403, ask(question));
    behaviour.privileged = true;
    const body = JSON.stringify({
      httpStatus: 429,
      messages: [{ errorCode: '0', message: 'too many requests' }],
    });
    faults.next(
      /./,
      { status: 429, headers: { 'content-type': 'application/json', 'retry-after': '30' }, body },
      all.length,
    );
    for (const question of all) await answers(429, ask(question));

    await fails('admin-refused', ionos.check(call({ admin: { token: 'wrong' } })));
    await fails('forbidden', ionos.check(call({ params: { contractNumber: '1' } })));
    await fails(
      'not-found',
      ionos.find(call({ params: { registryId: randomUUID() } }), { prefix }),
    );
  });

/** Every call that the simulation supports, for one token of a registry. */
function questions(registry: string, token: string, authorization: string) {
  const root = `/registries/${registry}`;
  const path = `${root}/tokens/${token}`;
  const properties = { name: labelled(), scopes: [], status: 'enabled', expiryDate: null };
  return {
    registry: { method: 'GET', path: root, authorization },
    list: { method: 'GET', path: `${root}/tokens?offset=0&limit=100`, authorization },
    create: { method: 'POST', path: `${root}/tokens`, body: { properties }, authorization },
    show: { method: 'GET', path, authorization },
    update: { method: 'PATCH', path, body: { status: 'disabled' }, authorization },
    remove: { method: 'DELETE', path, authorization },
  } as const satisfies Readonly<Record<string, Direct>>;
}
