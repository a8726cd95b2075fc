import { randomUUID } from 'node:crypto';
import { HOUR } from '../../../lib/core/time.ts';
import { huaweiSwrAccessKey } from '../../../lib/providers/huawei-swr-access-key.ts';
import { huaweiSwrEnterprise } from '../../../lib/providers/huawei-swr-enterprise.ts';
import * as daily from '../../../lib/providers/huawei-swr-enterprise-temporary.ts';
import { huaweiSwrTemporary } from '../../../lib/providers/huawei-swr-temporary.ts';
import { createRegistryCheck } from '../../../lib/registry/check.ts';
import {
  createSimulatedHuaweiAccessKey,
  createSimulatedHuaweiEnterprise,
  createSimulatedHuaweiEnterpriseTemporary,
  createSimulatedHuaweiTemporary,
} from '../../../lib/sandbox/vendors/huawei/index.ts';
import { type Exchange, fails, holds, play } from './record.ts';

const label = () => `rekey-fleet-0123456789ab-${randomUUID().replaceAll('-', '')}`;
const wrong = { admin: { accessKey: 'WRONG', secretKey: 'wrong' } };

/**
 * Drives the four simulations of Huawei Cloud. Huawei publishes no API document, so the answers are
 * compared with its examples.
 */
export async function driveHuawei(): Promise<readonly Exchange[]> {
  return [
    await driveEnterprise(),
    await driveEnterpriseTemporary(),
    await driveTemporary(),
    await driveAccessKey(),
  ].flat();
}

const enterprise = 'simulated-abc123.swr-pro.myhuaweicloud.com';
const basic = 'swr.ap-southeast-3.myhuaweicloud.com';

const driveEnterprise = () =>
  play(
    {
      provider: huaweiSwrEnterprise,
      vendor: createSimulatedHuaweiEnterprise,
      registry: enterprise,
    },
    async ({ vendor, exchanges, call }) => {
      await huaweiSwrEnterprise.check(call());
      const name = label();
      const credential = await huaweiSwrEnterprise.issue(call(), { label: name });
      await fails('conflict', huaweiSwrEnterprise.issue(call(), { label: name }));
      for (let number = 0; number < 150; number++) vendor.plant(`stranger-${number}`);
      holds(
        (await huaweiSwrEnterprise.find(call(), { prefix: 'rekey-' })).length === 1,
        'one credential found by its label',
      );
      holds(exchanges.at(-1)?.query === 'offset=100&limit=100', 'a second page');
      await huaweiSwrEnterprise.enable?.(call(), credential, false);
      await huaweiSwrEnterprise.enable?.(call(), credential, true);
      for (let time = 0; time < 2; time++) await huaweiSwrEnterprise.revoke(call(), credential);
      await fails(
        'not-found',
        huaweiSwrEnterprise.check(call({ params: { instanceId: randomUUID() } })),
      );
      await fails('admin-refused', huaweiSwrEnterprise.check(call(wrong)));
      vendor.behaviour.privileged = false;
      await fails('forbidden', huaweiSwrEnterprise.check(call()));
    },
  );

const driveEnterpriseTemporary = () =>
  play(
    {
      provider: daily.huaweiSwrEnterpriseTemporary,
      vendor: createSimulatedHuaweiEnterpriseTemporary,
      registry: enterprise,
    },
    async ({ call }) => {
      await daily.huaweiSwrEnterpriseTemporary.check(call());
      await daily.huaweiSwrEnterpriseTemporary.issue(call(), { label: label() });
    },
  );

const driveTemporary = () =>
  play(
    { provider: huaweiSwrTemporary, vendor: createSimulatedHuaweiTemporary, registry: basic },
    async ({ vendor, clock, http, registry, call }) => {
      await huaweiSwrTemporary.check(call());
      const { username, password } = await huaweiSwrTemporary.issue(call(), { label: label() });
      await huaweiSwrTemporary.issue(call({ params: { kind: 'authorizationtoken' } }), {
        label: label(),
      });
      const question = { registry, username, password, realms: [] };
      const verdict = async () =>
        (
          await createRegistryCheck({ http, now: clock.now }).check(
            question,
            new AbortController().signal,
          )
        ).outcome;
      holds((await verdict()) === 'accepted', 'an accepted login');
      await clock.sleep(6 * HOUR);
      holds((await verdict()) === 'refused', 'a refused login after its expiry');
      await fails('admin-refused', huaweiSwrTemporary.check(call(wrong)));
      vendor.behaviour.privileged = false;
      await fails('forbidden', huaweiSwrTemporary.issue(call(), { label: label() }));
    },
  );

const driveAccessKey = () =>
  play(
    { provider: huaweiSwrAccessKey, vendor: createSimulatedHuaweiAccessKey, registry: basic },
    async ({ vendor, call }) => {
      await huaweiSwrAccessKey.check(call());
      const credential = await huaweiSwrAccessKey.issue(call(), { label: label() });
      await huaweiSwrAccessKey.issue(call(), { label: label() });
      await fails('quota', huaweiSwrAccessKey.issue(call(), { label: label() }));
      holds(
        (await huaweiSwrAccessKey.find(call(), { prefix: 'rekey-' })).length === 2,
        'two keys found by their label',
      );
      await huaweiSwrAccessKey.enable?.(call(), credential, false);
      for (let time = 0; time < 2; time++) await huaweiSwrAccessKey.revoke(call(), credential);
      await fails(
        'not-found',
        huaweiSwrAccessKey.find(call({ params: { userId: 'f'.repeat(32) } }), { prefix: 'rekey-' }),
      );
      await fails('admin-refused', huaweiSwrAccessKey.check(call(wrong)));
      vendor.behaviour.privileged = false;
      await fails('forbidden', huaweiSwrAccessKey.check(call()));
    },
  );
