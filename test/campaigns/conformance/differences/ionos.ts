import { type Difference, NOT_THERE, unnamed } from '../difference.ts';

const ionos = ['ionos.yaml', 'ionos-v1.0-verbatim.yaml'];
const tokens = [
  'registriesTokensGet',
  'registriesTokensPost',
  'registriesTokensPatch',
  'registriesTokensDelete',
];
const tokenAndRegistry = [...tokens, 'registriesTokensFindById', 'registriesFindById'];

export const ofIonos: readonly Difference[] = [
  {
    documents: ionos,
    operations: tokenAndRegistry,
    where: 'response status',
    what: [`401 ${NOT_THERE}`, `403 ${NOT_THERE}`, `429 ${NOT_THERE}`],
    why: [
      'the document has only 400, 404 and 409; refusals and limits still happen, and the SDK',
      'retries 429 (sdk-go-container-registry @98cefed client.go)',
    ].join(' '),
  },
  {
    documents: ionos,
    operations: tokens,
    where: 'response status',
    what: [`404 ${NOT_THERE}`],
    why: [
      'the document has it for the two calls that read one object; the Terraform provider also',
      'treats it as a deleted token',
    ].join(' '),
  },
  {
    documents: ionos,
    operations: ['registriesTokensPost'],
    where: 'response status',
    what: [`200 ${NOT_THERE}`],
    why: [
      'the document says 201, and a sample in the guide 200: the simulation can answer either,',
      'and the provider accepts both',
    ].join(' '),
  },
  {
    documents: ionos,
    operations: ['registriesFindById', 'registriesTokensGet'],
    where: 'request header',
    what: [`x-contract-number ${NOT_THERE}`],
    why: [
      'for users with several contracts; described in the general part of the API guide',
      '(docs.ionos.com, API How-Tos)',
    ].join(' '),
  },
  {
    documents: ['ionos-v1.0-verbatim.yaml'],
    operations: tokenAndRegistry,
    where: 'security',
    what: ['Bearer alone does not meet the requirements'],
    why: [
      'version 1.0 requires the password and the token together; the SDK sends one of them',
      '(sdk-go-container-registry @98cefed client.go)',
    ].join(' '),
  },
  {
    documents: ['ionos-v1.0-verbatim.yaml'],
    operations: ['registriesFindById'],
    where: 'response 200 body',
    what: unnamed('properties/apiSubnetAllowList'),
    why: 'a field since version 1.2 of the API (sdk-go-container-registry @98cefed)',
  },
];
