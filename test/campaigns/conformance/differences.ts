import type { Difference } from './difference.ts';
import { ofDeepgram } from './differences/deepgram.ts';
import { ofDigitalocean } from './differences/digitalocean.ts';
import { ofGitlab } from './differences/gitlab.ts';
import { ofHarbor } from './differences/harbor.ts';
import { ofHuawei } from './differences/huawei.ts';
import { ofIonos } from './differences/ionos.ts';
import { ofQuay, ofQuaySamples } from './differences/quay.ts';

/** Every explained difference. docs/conformance.md lists the same. */
export const differences: readonly Difference[] = [
  ...ofIonos,
  ...ofDeepgram,
  ...ofDigitalocean,
  ...ofQuay,
  ...ofQuaySamples,
  ...ofHuawei,
  ...ofHarbor,
  ...ofGitlab,
];
