import { type Difference, missing, NOT_THERE, unnamed } from '../difference.ts';

const documents = ['from-sources.openapi.yaml'];
const tokens = '/api/v4/projects/{id}/deploy_tokens';

export const ofGitlab: readonly Difference[] = [
  {
    documents,
    operations: [`GET ${tokens}/{token_id}`, `DELETE ${tokens}/{token_id}`],
    where: 'response status',
    what: [`401 ${NOT_THERE}`, `403 ${NOT_THERE}`],
    why: 'the document has them for the list and the creation alone; every call looks at the access token first (gitlabhq lib/api/deploy_tokens.rb)',
  },
  {
    documents,
    operations: ['DELETE /api/v4/groups/team/deploy_tokens/3'],
    where: 'operation',
    what: [NOT_THERE],
    why: 'the document draws the call for projects alone; that for groups stands next to it (gitlabhq lib/api/deploy_tokens.rb)',
  },
  {
    documents,
    operations: [`POST ${tokens}`],
    where: 'response 201 body',
    what: missing('token'),
    why: 'the simulation can leave it out: the provider must then delete what it cannot use',
  },
  {
    documents,
    operations: [`POST ${tokens}`],
    where: 'request body',
    what: missing('name', 'scopes'),
    why: 'sent by hand, to see that it is refused with 400; no provider sends it',
  },
  {
    documents,
    operations: [`POST ${tokens}`],
    where: 'response 403 body',
    what: unnamed('scope'),
    why: 'names the scope that an access token lacks (gitlabhq lib/api/api_guard.rb)',
  },
];
