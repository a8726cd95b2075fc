import { createSimulatedDeepgram } from './deepgram/index.ts';
import { createSimulatedDigitalocean } from './digitalocean/index.ts';
import { createSimulatedGitlab } from './gitlab/index.ts';
import { createSimulatedHarbor } from './harbor/index.ts';
import {
  createSimulatedHuaweiAccessKey,
  createSimulatedHuaweiEnterprise,
  createSimulatedHuaweiEnterpriseTemporary,
  createSimulatedHuaweiTemporary,
} from './huawei/index.ts';
import { createSimulatedIonos } from './ionos/index.ts';
import { createSimulatedQuayOauthToken, createSimulatedQuayRobot } from './quay/index.ts';
import type { SimulatedVendor, VendorOptions } from './vendor.ts';

/** Every simulated vendor, by the name of its provider. */
export const vendors: Readonly<Record<string, (options: VendorOptions) => SimulatedVendor>> = {
  deepgram: createSimulatedDeepgram,
  digitalocean: createSimulatedDigitalocean,
  'gitlab-deploy-token': createSimulatedGitlab,
  'harbor-robot': createSimulatedHarbor,
  'huawei-swr-access-key': createSimulatedHuaweiAccessKey,
  'huawei-swr-enterprise': createSimulatedHuaweiEnterprise,
  'huawei-swr-enterprise-temporary': createSimulatedHuaweiEnterpriseTemporary,
  'huawei-swr-temporary': createSimulatedHuaweiTemporary,
  ionos: createSimulatedIonos,
  'quay-oauth-token': createSimulatedQuayOauthToken,
  'quay-robot': createSimulatedQuayRobot,
};

export type {
  Behaviour,
  SimulatedCredential,
  SimulatedVendor,
  Started,
  VendorOptions,
} from './vendor.ts';
