import { type Difference, missing, NOT_THERE, unnamed } from '../difference.ts';

const observed = 'deepgram-observed.yaml';
const published = 'deepgram.yaml';

export const ofDeepgram: readonly Difference[] = [
  {
    documents: [published],
    operations: ['create'],
    where: 'request body',
    what: unnamed('provider', 'scopes', 'tags'),
    why: [
      'the published document puts scopes and provider into the query; the server reads only the',
      'body (deepgram-rust-sdk src/manage/self_hosted.rs), and four SDKs send it',
    ].join(' '),
  },
  {
    documents: [published],
    operations: ['create'],
    where: 'response 200 body',
    what: [
      ...missing('member', 'distribution_credentials'),
      ...unnamed(
        'distribution_credentials_id',
        'provider',
        'username',
        'secret',
        'comment',
        'scopes',
        'created',
      ),
    ],
    why: [
      'the published document shows a create without username and secret, which would be useless;',
      'the server answers a bare object with both (deepgram-rust-sdk',
      'src/manage/self_hosted/response.rs)',
    ].join(' '),
  },
  {
    documents: [published],
    operations: ['create'],
    where: 'response 200 body',
    what: unnamed('distribution_credentials/username', 'distribution_credentials/secret'),
    why: [
      'the simulation can wrap the answer as in the published document; the provider finds the',
      'secret there too',
    ].join(' '),
  },
  {
    documents: [observed],
    operations: ['createDistributionCredentials'],
    where: 'response 200 body',
    what: [
      ...missing(
        'distribution_credentials_id',
        'provider',
        'username',
        'secret',
        'scopes',
        'created',
      ),
      ...unnamed('member', 'distribution_credentials'),
    ],
    why: [
      'the simulation can answer as in the published document, wrapped or without the secret: the',
      'provider must read the former and refuse the latter',
    ].join(' '),
  },
  {
    documents: [published],
    operations: ['delete'],
    where: 'response 200 body',
    what: [...missing('member', 'distribution_credentials'), ...unnamed('message')],
    why: [
      'the published document shows the deleted entry; the server answers a message',
      '(deepgram-rust-sdk)',
    ].join(' '),
  },
  {
    documents: [published],
    operations: ['get', 'delete'],
    where: 'response 400 body',
    what: ['must match exactly one schema in oneOf'],
    why: [
      'the published oneOf rejects each JSON error, because neither of its two objects requires a',
      'field and so both match',
    ].join(' '),
  },
  {
    documents: [published],
    operations: ['list', 'create', 'get', 'delete'],
    where: 'response status',
    what: [`401 ${NOT_THERE}`, `404 ${NOT_THERE}`, `429 ${NOT_THERE}`],
    why: [
      'the published document of 2026 has only 400; the one of 2025 has 404, and the SDKs honor',
      'Retry-After of a 429',
    ].join(' '),
  },
  {
    documents: [published],
    operations: ['create', 'delete'],
    where: 'response status',
    what: [`403 ${NOT_THERE}`],
    why: [
      'in the published document of 2025 (deepgram-api-specs @e2f46bc), for a key without',
      'keys:write',
    ].join(' '),
  },
  {
    documents: [observed],
    operations: [
      'listDistributionCredentials',
      'createDistributionCredentials',
      'getDistributionCredentials',
      'deleteDistributionCredentials',
    ],
    where: 'response 401 body',
    what: [`text/plain ${NOT_THERE}`],
    why: [
      'an error may be plain text (deepgram-api-specs @e2f46bc); the document has that text only',
      'as JSON',
    ].join(' '),
  },
  {
    documents: [observed],
    operations: ['createDistributionCredentials', 'deleteDistributionCredentials'],
    where: 'response 403 body',
    what: [`text/plain ${NOT_THERE}`],
    why: 'same as with 401',
  },
  {
    documents: [observed],
    operations: [
      'listDistributionCredentials',
      'createDistributionCredentials',
      'getDistributionCredentials',
      'deleteDistributionCredentials',
    ],
    where: 'response 404 body',
    what: [`text/plain ${NOT_THERE}`],
    why: 'same as with 401',
  },
  {
    documents: [observed],
    operations: ['getDistributionCredentials', 'deleteDistributionCredentials'],
    where: 'response 400 body',
    what: [`text/plain ${NOT_THERE}`],
    why: 'same as with 401',
  },
  {
    documents: [published],
    operations: ['get', 'delete'],
    where: 'response 400 body',
    what: [`text/plain ${NOT_THERE}`],
    why: [
      'an error may be plain text (deepgram-api-specs @e2f46bc); the document has that text only',
      'as JSON',
    ].join(' '),
  },
];
