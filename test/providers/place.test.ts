import { expect, test } from 'vitest';
import { providers } from '../../lib/providers/index.ts';

const uuid = '5e1fa0b7-2d43-4c0e-9c55-8a6f3f1d7b20';
const another = '11111111-2222-4333-8444-555555555555';
const [hex, otherHex] = ['0123456789abcdef'.repeat(2), 'fedcba9876543210'.repeat(2)];
const region = 'ap-southeast-3';
const scopes = [{ type: 'registry', name: '*', actions: ['pull'] }];
const instance = { region, projectId: hex, instanceId: uuid };

type Params = Readonly<Record<string, unknown>>;
interface Row {
  readonly params: Params;
  /** Changes after which the credentials live elsewhere. */
  readonly moves: readonly Params[];
  /** Changes after which the same credentials are still to be found. */
  readonly stays: readonly Params[];
}

const instanceRow: Row = {
  params: instance,
  moves: [
    { region: 'ap-southeast-1' },
    { suffix: 'cloud.example.com' },
    { projectId: otherHex },
    { instanceId: another },
  ],
  stays: [{ suffix: 'myhuaweicloud.com' }, { instanceId: uuid.toUpperCase() }],
};
const rows: Readonly<Record<string, Row>> = {
  deepgram: {
    params: { projectId: uuid },
    moves: [{ projectId: another }],
    stays: [{ scopes: ['self-hosted:product:api'] }, { projectId: uuid.toUpperCase() }],
  },
  // a token revokes itself, wherever it was issued
  digitalocean: {
    params: { registry: 'acme' },
    moves: [],
    stays: [{ registry: 'other' }, { readWrite: true }, { api: 'registry' }],
  },
  'huawei-swr-access-key': {
    params: { region, userId: hex },
    moves: [{ userId: otherHex }, { suffix: 'cloud.example.com' }, { region: 'eu-west-101' }],
    stays: [
      { region: 'ap-southeast-1' },
      { suffix: 'myhuaweicloud.com' },
      { projectName: 'team' },
      { domainId: hex },
    ],
  },
  'huawei-swr-enterprise': instanceRow,
  'huawei-swr-enterprise-temporary': instanceRow,
  'huawei-swr-temporary': {
    params: { region },
    moves: [
      { region: 'ap-southeast-1' },
      { suffix: 'cloud.example.com' },
      { projectName: 'team' },
      { projectId: hex },
    ],
    stays: [{ projectName: region }, { kind: 'authorizationtoken' }, { durationSeconds: 900 }],
  },
  ionos: {
    params: { registryId: uuid, scopes },
    moves: [{ registryId: another }],
    stays: [
      { scopes: [...scopes, ...scopes] },
      { contractNumber: '123' },
      { registryId: uuid.toUpperCase() },
    ],
  },
  'quay-oauth-token': {
    params: { repository: 'acme/app' },
    moves: [{ endpoint: 'https://quay.acme.test' }],
    stays: [
      { endpoint: 'https://quay.io' },
      { repository: 'acme/other' },
      { actions: ['pull', 'push'] },
    ],
  },
  'quay-robot': {
    params: { organization: 'acme', robot: 'ci' },
    moves: [{ endpoint: 'https://quay.acme.test' }, { organization: 'other' }],
    stays: [{ endpoint: 'https://quay.io' }, { robot: 'other' }],
  },
};

const place = (name: string, params: Params) => {
  const provider = providers[name];
  return provider?.place?.(provider.params.parse(params));
};

test.each(Object.entries(rows))(
  '%s says which parameters name the place of a credential',
  (name, { params, moves, stays }) => {
    const here = place(name, params);
    expect(here).toBeDefined();
    for (const change of moves)
      expect(place(name, { ...params, ...change }), JSON.stringify(change)).not.toEqual(here);
    for (const change of stays)
      expect(place(name, { ...params, ...change }), JSON.stringify(change)).toEqual(here);
  },
);
