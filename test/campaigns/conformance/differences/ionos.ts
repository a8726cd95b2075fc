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
    why: 'the document has 400, 404 and 409 alone; refusals and limits happen all the same, and the SDK retries 429 (sdk-go-container-registry @98cefed client.go)',
  },
  {
    documents: ionos,
    operations: tokens,
    where: 'response status',
    what: [`404 ${NOT_THERE}`],
    why: 'the document has it for the two calls that read one thing; the Terraform provider takes it for a deleted token, too',
  },
  {
    documents: ionos,
    operations: ['registriesTokensPost'],
    where: 'response status',
    what: [`200 ${NOT_THERE}`],
    why: 'the document says 201, a sample in the guide 200: the simulation can give either, and the provider takes both',
  },
  {
    documents: ionos,
    operations: ['registriesFindById', 'registriesTokensGet'],
    where: 'request header',
    what: [`x-contract-number ${NOT_THERE}`],
    why: 'for users with several contracts; in the general part of the API guide (docs.ionos.com, API How-Tos)',
  },
  {
    documents: ['ionos-v1.0-verbatim.yaml'],
    operations: tokenAndRegistry,
    where: 'security',
    what: ['Bearer alone does not meet the requirements'],
    why: 'version 1.0 wants the password and the token at once; the SDK sends either (sdk-go-container-registry @98cefed client.go)',
  },
  {
    documents: ['ionos-v1.0-verbatim.yaml'],
    operations: ['registriesFindById'],
    where: 'response 200 body',
    what: unnamed('properties/apiSubnetAllowList'),
    why: 'a field since version 1.2 of the API (sdk-go-container-registry @98cefed)',
  },
];
