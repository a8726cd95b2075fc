import type { Provider } from '../core/provider.ts';
import { deepgram } from './deepgram.ts';
import { digitalocean } from './digitalocean.ts';
import { gitlabDeployToken } from './gitlab-deploy-token.ts';
import { harborRobot } from './harbor-robot.ts';
import { huaweiSwrAccessKey } from './huawei-swr-access-key.ts';
import { huaweiSwrEnterprise } from './huawei-swr-enterprise.ts';
import { huaweiSwrEnterpriseTemporary } from './huawei-swr-enterprise-temporary.ts';
import { huaweiSwrTemporary } from './huawei-swr-temporary.ts';
import { ionos } from './ionos.ts';
import { quayOauthToken } from './quay-oauth-token.ts';
import { quayRobot } from './quay-robot.ts';

/** Every provider by its name in a fleet file. */
export const providers: Readonly<Record<string, Provider>> = {
  deepgram,
  digitalocean,
  'gitlab-deploy-token': gitlabDeployToken,
  'harbor-robot': harborRobot,
  'huawei-swr-access-key': huaweiSwrAccessKey,
  'huawei-swr-enterprise': huaweiSwrEnterprise,
  'huawei-swr-enterprise-temporary': huaweiSwrEnterpriseTemporary,
  'huawei-swr-temporary': huaweiSwrTemporary,
  ionos,
  'quay-oauth-token': quayOauthToken,
  'quay-robot': quayRobot,
};
