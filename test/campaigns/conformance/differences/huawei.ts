import { type Difference, IN_NONE } from '../difference.ts';

const huawei = ['huawei-examples.json'];
const oneInstance = 'GET /v2/{id}/instances/{id}';
const tokenServer = 'GET /swr/auth/v2/registry/auth/';

export const ofHuawei: readonly Difference[] = [
  {
    documents: huawei,
    operations: [oneInstance, 'GET /v2/manage/namespaces'],
    where: 'operation',
    what: [IN_NONE],
    why: [
      'reads that check whether the instance runs and whether the signature is accepted',
      '(huaweicloud-sdk-nodejs-v3 @b081640b services/swr)',
    ].join(' '),
  },
  {
    documents: huawei,
    operations: [tokenServer],
    where: 'operation',
    what: [IN_NONE],
    why: [
      'the examples have only the token server’s refusal; a success follows the Docker Registry',
      'token specification',
    ].join(' '),
  },
  {
    documents: huawei,
    operations: ['GET /v2/', tokenServer],
    where: 'response 401 body',
    what: [`/errors/*/detail ${IN_NONE}`],
    why: 'an optional field of each error of a registry (Docker Registry HTTP API V2)',
  },
  {
    documents: huawei,
    operations: ['POST /v2/{id}/instances/{id}/long-term-credential'],
    where: 'response status',
    what: [`409 ${IN_NONE}`],
    why: [
      'no public text documents the answer for a taken name; the simulation answers 409, the',
      'provider also understands 400, and it never uses a name twice',
    ].join(' '),
  },
  {
    documents: huawei,
    operations: [oneInstance, 'GET /v2/manage/namespaces', 'GET /v3.0/OS-CREDENTIAL/credentials'],
    where: 'response 401 body',
    what: [`/request_id ${IN_NONE}`],
    why: [
      'a field of the API gateway, which refuses a signature before the request reaches the',
      'service (the codes that begin with APIGW)',
    ].join(' '),
  },
];
