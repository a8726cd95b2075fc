import { Hono } from 'hono';
import { DAY, plus } from '../../../core/time.ts';
import { hex, uuid } from '../ledger.ts';
import { createParts, createVendor, logins } from '../parts.ts';
import type { Env, SimulatedVendor, VendorOptions } from '../vendor.ts';
import { basicApi } from './basic-api.ts';
import { enterpriseApi } from './enterprise-api.ts';
import { account, gateway, type HuaweiBehaviour, type Kind } from './gateway.ts';
import { addKey, iamApi } from './iam-api.ts';

/** The simulated vendor of each of the four Huawei providers. */
export interface SimulatedHuawei extends SimulatedVendor<HuaweiBehaviour> {
  /** Plants a credential of the admin's own user unless another owner is named. */
  plant(label: string, owner?: string): { id: string };
}

const { region, projectId, instanceId, userId } = account;
/** The organization of the basic edition. */
const ORGANISATION = 'team';
/** The project of an Enterprise Edition instance that allows anonymous pulls. */
const PUBLIC_PROJECT = 'public';
const TOKEN_PATH = '/swr/auth/v2/registry/auth/';

const vendorOf =
  (provider: string, kind: Kind, params: Record<string, unknown>, enterprise: boolean) =>
  (options: VendorOptions): SimulatedHuawei => {
    const parts = createParts<Kind, HuaweiBehaviour>(options, {
      instanceState: 'Running',
      privileged: true,
      seesAll: false,
      oneUsername: false,
      takesDurations: true,
      keyLimit: 2,
    });
    const { clock, random, ledger } = parts;

    const api = new Hono<Env>();
    api.use('*', parts.faults.middleware, gateway(parts));
    api.onError((_error, context) =>
      context.json({ error_code: 'APIGW.0605', error_msg: 'internal error' }, 500),
    );
    api.notFound((context) =>
      context.json({ error_code: 'APIGW.0101', error_msg: 'The API does not exist' }, 404),
    );
    api.route('/v2/manage', basicApi(parts));
    api.route('/v2', enterpriseApi(parts));
    api.route('/v3.0/OS-CREDENTIAL/credentials', iamApi(parts));

    const registry = parts.registry({
      service: enterprise ? 'harbor-registry' : 'dockyard',
      tokenPath: enterprise ? '/service/token' : TOKEN_PATH,
      // Harbor's rule (github.com/goharbor/harbor @c50c7dd, core/service/token/creator.go):
      // anonymous clients may pull from public projects
      fallsBack: enterprise,
      isPublic: (repository) => enterprise && repository.startsWith(`${PUBLIC_PROJECT}/`),
      login: logins(ledger, (_scopes, _repository, action) => action === 'pull'),
    });

    function plant(label: string, owner: string = account.adminId) {
      if (kind === 'access-key') return { id: addKey(parts, label).entry.id };
      const id = uuid(random);
      const expiry = kind === 'temporary' ? { expiresAt: plus(clock.now(), DAY) } : {};
      ledger.add(
        { id, label, username: `planted-${id}`, owner, scopes: [kind], ...expiry },
        hex(32, random),
      );
      return { id };
    }

    return createVendor(parts, {
      provider,
      admin: JSON.stringify({ accessKey: account.accessKey, secretKey: account.secretKey }),
      params,
      api,
      registry: enterprise ? registry : { ...registry, app: basicRegistry(registry.app) },
      plant,
    });
  };

/**
 * The basic edition answers DENIED to a wrong password. It also answers DENIED for an unknown
 * organization, even with the right password.
 */
function basicRegistry(registry: Hono<Env>): Hono<Env> {
  return new Hono<Env>().all('*', async (context) => {
    const answer = await registry.fetch(context.req.raw, context.env);
    if (context.req.path !== TOKEN_PATH) return answer;
    const organisation =
      /^repository:([^/:]+)\//.exec(context.req.query('scope') ?? '')?.[1] ?? ORGANISATION;
    const message =
      organisation === ORGANISATION ? 'Authenticate Error' : 'Image organization does not exist';
    if (answer.status !== 401 && organisation === ORGANISATION) return answer;
    return context.json({ errors: [{ code: 'DENIED', message, detail: null }] }, 401);
  });
}

const instance = { region, projectId, instanceId };

/** Long-term credentials of an instance of SWR Enterprise Edition. */
export const createSimulatedHuaweiEnterprise = vendorOf(
  'huawei-swr-enterprise',
  'long-term',
  instance,
  true,
);

/** Temporary credentials of an instance of SWR Enterprise Edition. */
export const createSimulatedHuaweiEnterpriseTemporary = vendorOf(
  'huawei-swr-enterprise-temporary',
  'temporary',
  instance,
  true,
);

/** Temporary logins of SWR's basic edition. */
export const createSimulatedHuaweiTemporary = vendorOf(
  'huawei-swr-temporary',
  'temporary',
  { region },
  false,
);

/** Access keys of an IAM user, and the basic edition logins that follow from them. */
export const createSimulatedHuaweiAccessKey = vendorOf(
  'huawei-swr-access-key',
  'access-key',
  { region, userId },
  false,
);
