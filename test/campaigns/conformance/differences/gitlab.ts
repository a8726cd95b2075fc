import { type Difference, missing, NOT_THERE, unnamed } from '../difference.ts';

const documents = ['from-sources.openapi.yaml'];
const tokens = '/api/v4/projects/{id}/deploy_tokens';

export const ofGitlab: readonly Difference[] = [
  {
    documents,
    operations: [`GET ${tokens}/{token_id}`, `DELETE ${tokens}/{token_id}`],
    where: 'response status',
    what: [`401 ${NOT_THERE}`, `403 ${NOT_THERE}`],
    why: [
      'the document has them only for the list and the create; every call checks the access token',
      'first (gitlabhq lib/api/deploy_tokens.rb)',
    ].join(' '),
  },
  {
    documents,
    operations: ['DELETE /api/v4/groups/team/deploy_tokens/3'],
    where: 'operation',
    what: [NOT_THERE],
    why: [
      'the document has the call only for projects; the code has the same for groups (gitlabhq',
      'lib/api/deploy_tokens.rb)',
    ].join(' '),
  },
  {
    documents,
    operations: [`POST ${tokens}`],
    where: 'response 201 body',
    what: missing('token'),
    why: 'the simulation can leave it out: the provider must then delete the unusable token',
  },
  {
    documents,
    operations: [`POST ${tokens}`],
    where: 'request body',
    what: missing('name', 'scopes'),
    why: 'sent by hand, to check that it is refused with 400; no provider sends it',
  },
  {
    documents,
    operations: [`POST ${tokens}`],
    where: 'response 403 body',
    what: unnamed('scope'),
    why: 'the missing scope of an access token (gitlabhq lib/api/api_guard.rb)',
  },
];
