import type { Credential } from '../../../lib/core/provider.ts';
import { DAY, plus } from '../../../lib/core/time.ts';
import { digitalocean } from '../../../lib/providers/digitalocean.ts';
import { createRegistryCheck } from '../../../lib/registry/check.ts';
import { createSimulatedDigitalocean } from '../../../lib/sandbox/vendors/digitalocean/index.ts';
import { answers, type Direct, fails, holds, play } from './record.ts';

const scene = {
  provider: digitalocean,
  vendor: createSimulatedDigitalocean,
  registry: 'registry.digitalocean.com',
};

export const driveDigitalocean = () =>
  play(scene, async ({ vendor, clock, http, registry, call, ask }) => {
    const { behaviour, params } = vendor;
    const { signal } = new AbortController();
    const name = String(params.registry);
    const order = () => ({ label: 'not sent', expiresAt: plus(clock.now(), 30 * DAY) });
    const deprecated = { params: { api: 'registry' } };

    await digitalocean.check(call());
    await digitalocean.check(call(deprecated));
    const credential = await digitalocean.issue(call(), order());
    const writing = await digitalocean.issue(call({ params: { readWrite: true } }), order());
    await digitalocean.issue(call(deprecated), order());
    behaviour.oldForm = true;
    await digitalocean.issue(call(), order());
    behaviour.oldForm = false;
    behaviour.secretless = true;
    await fails('bad-answer', digitalocean.issue(call(), order()));
    behaviour.secretless = false;

    const check = createRegistryCheck({ http, now: clock.now });
    const verdict = async ({ username, password }: Credential, repository?: string) => {
      const access = repository ? { repository, actions: ['pull'] } : undefined;
      return (
        await check.check(
          { registry, username, password, realms: digitalocean.realms, access },
          signal,
        )
      ).outcome;
    };
    holds((await verdict(credential)) === 'accepted', 'an accepted login');
    holds((await verdict(credential, `${name}/app`)) === 'accepted', 'a login that may pull');
    holds(
      (await verdict(credential, 'elsewhere/app')) === 'lacks-rights',
      'a login without rights elsewhere',
    );
    await digitalocean.revoke(call(), credential);
    holds((await verdict(credential)) === 'refused', 'a refused login after the revocation');
    // the answer to a second revocation is undocumented
    for (const status of [200, 400, 401, 403, 404] as const) {
      behaviour.revokedAgain = status;
      await digitalocean.revoke(call(), credential);
    }

    const authorization = `Bearer ${(JSON.parse(vendor.admin) as { token: string }).token}`;
    const query = 'expiry_seconds=60&read_write=false';
    const one = (registryName: string): readonly Direct[] => [
      { method: 'GET', path: `/v2/registries/${registryName}`, authorization },
      {
        method: 'GET',
        path: `/v2/registries/${registryName}/docker-credentials?${query}`,
        authorization,
      },
    ];
    const only: readonly Direct[] = [
      { method: 'GET', path: '/v2/registry', authorization },
      {
        method: 'GET',
        path: `/v2/registry/docker-credentials?${query}`,
        authorization,
      },
    ];
    const all: readonly Direct[] = [
      { method: 'GET', path: '/v2/registries', authorization },
      ...one(name),
      ...only,
    ];
    for (const question of all) await answers(200, ask(question));
    for (const question of one('elsewhere')) await answers(404, ask(question));
    for (const question of all)
      await answers(401, ask({ ...question, authorization: 'Bearer wrong' }));
    await answers(
      200,
      ask({
        method: 'GET',
        path: '/v2/account',
        authorization: `Bearer ${writing.password.reveal()}`,
      }),
    );
    await answers(
      405,
      ask({ method: 'POST', path: '/v2/registry/auth', authorization: 'Basic wrong' }),
    );
    behaviour.registries = 2;
    for (const question of only) await answers(412, ask(question));
    await fails('rejected', digitalocean.issue(call(deprecated), order()));
    behaviour.registries = 1;
    behaviour.scopes = ['registry:read'];
    await fails('forbidden', digitalocean.issue(call({ params: { readWrite: true } }), order()));
    behaviour.scopes = [];
    for (const question of all) await answers(403, ask(question));
    for (const limit of ['burst', 'hour'] as const) {
      behaviour.throttled = limit;
      for (const question of all) await answers(429, ask(question));
      await fails('throttled', digitalocean.revoke(call(), writing));
    }
    behaviour.throttled = 'never';

    await fails('admin-refused', digitalocean.check(call({ admin: { token: 'wrong' } })));
    await fails('forbidden', digitalocean.issue(call(), order()));
    behaviour.scopes = ['registry:read'];
    await fails(
      'not-found',
      digitalocean.issue(call({ params: { registry: 'elsewhere' } }), order()),
    );
  });
