import { type Difference, IN_NONE, missing, NOT_THERE, unnamed } from '../difference.ts';

const quay = ['quay-swagger-slice.json'];
const withRobot = ['getOrgRobot', 'deleteOrgRobot'];
const writes = [
  'createOrgRobot',
  'deleteOrgRobot',
  'changeUserPermissions',
  'deleteUserPermissions',
  'updateOrganizationTeamMember',
  'createOrganizationPrototypePermission',
];
const reads = [
  'getOrgRobots',
  'getOrgRobot',
  'getUserPermissions',
  'getOrganizationPrototypePermissions',
  'getOrganizationTeamMembers',
];

const uncollected =
  'of a deleted repository whose garbage is not collected: Repository.DoesNotExist, which nobody catches (quay @ffba0c70 data/model/_basequery.py)';

export const ofQuay: readonly Difference[] = [
  {
    documents: quay,
    operations: [
      ...withRobot,
      'changeUserPermissions',
      'deleteUserPermissions',
      'getUserPermissions',
      'updateOrganizationTeamMember',
    ],
    where: 'response 400 body',
    what: [...missing('status', 'type', 'title'), ...unnamed('message')],
    why: 'the document has ApiError alone; errors of the data model are { message } (quay @ffba0c70 endpoints/decorated.py handle_dme), and say what is not found',
  },
  {
    documents: quay,
    operations: writes,
    where: 'response 403 body',
    what: [...missing('status', 'type', 'title'), ...unnamed('error', 'message')],
    why: 'a write without a valid token is refused for want of a CSRF token, with { error } in the source (quay @ffba0c70 endpoints/csrf.py) and { message } at quay.io in 2022',
  },
  {
    documents: quay,
    operations: [...reads, ...writes],
    where: 'response status',
    what: [`429 ${NOT_THERE}`],
    why: 'answered in HTML by the nginx in front (quay @ffba0c70 conf/nginx/rate-limiting.conf.jnj)',
  },
  {
    documents: quay,
    operations: writes,
    where: 'response status',
    what: [`503 ${NOT_THERE}`],
    why: 'of a Quay that is read-only for maintenance: { message, is_readonly } (quay @ffba0c70)',
  },
  {
    documents: quay,
    operations: ['changeUserPermissions'],
    where: 'response status',
    what: [`500 ${NOT_THERE}`],
    why: uncollected,
  },
  {
    documents: quay,
    operations: ['GET /api/v1/repository/acme_corp/84c6a974-612f-4ddc-a6ca-cdc9be2cc07a'],
    where: 'operation',
    what: [NOT_THERE],
    why: 'getRepo is in the whole document, of which this is a slice; 404 of a repository that is gone (quay @02635f5f endpoints/api/repository.py)',
  },
];

const samples = ['quay-examples.json'];
const robot = '/api/v1/organization/{id}/robots/{id}';
const permission = '/api/v1/repository/{id}/{id}/permissions/user/{id}';
const member = 'PUT /api/v1/organization/{id}/team/{id}/members/{id}';
const prototypes = '/api/v1/organization/{id}/prototypes';
const sampleReads = [
  'GET /api/v1/organization/{id}/robots',
  `GET ${robot}`,
  `GET ${permission}`,
  `GET ${prototypes}`,
  'GET /api/v1/organization/{id}/team/{id}/members',
];
const sampleWrites = [
  `PUT ${robot}`,
  `DELETE ${robot}`,
  `PUT ${permission}`,
  `DELETE ${permission}`,
  member,
  `POST ${prototypes}`,
];

export const ofQuaySamples: readonly Difference[] = [
  {
    documents: samples,
    operations: [
      `GET ${permission}`,
      `DELETE ${permission}`,
      `GET ${prototypes}`,
      'GET /api/v1/organization/{id}/team/{id}/members',
    ],
    where: 'operation',
    what: [IN_NONE],
    why: 'by the source alone (quay @ffba0c70 endpoints/api/permission.py, prototype.py, team.py)',
  },
  {
    documents: samples,
    operations: [`PUT ${robot}`],
    where: 'request body',
    what: [`/unstructured_metadata/rights_of ${IN_NONE}`],
    why: 'the metadata is the client’s own',
  },
  {
    documents: samples,
    operations: [`PUT ${robot}`],
    where: 'response 201 body',
    what: [
      `/unstructured_metadata/rights_of ${IN_NONE}`,
      '/unstructured_metadata/credential_id is missing',
    ],
    why: 'the metadata comes back as it was sent',
  },
  {
    documents: samples,
    operations: [`PUT ${robot}`],
    where: 'response 201 body',
    what: ['/token is missing'],
    why: 'the simulation can leave it out: the provider must then read it with GET',
  },
  {
    documents: samples,
    operations: [`POST ${prototypes}`],
    where: 'request body',
    what: [`/activating_user/name ${IN_NONE}`],
    why: 'optional, for what one user creates (quay @ffba0c70 endpoints/api/prototype.py, schema NewPrototype)',
  },
  {
    documents: samples,
    operations: [`POST ${prototypes}`],
    where: 'response 200 body',
    what: ['/delegate/is_robot is missing', '/delegate/is_org_member is missing'],
    why: 'the example gives to a user; a team is no robot and no member (quay @ffba0c70 endpoints/api/prototype.py prototype_view)',
  },
  {
    documents: samples,
    operations: ['GET /api/v1/organization/{id}/robots'],
    where: 'request query',
    what: [`limit ${IN_NONE}`],
    why: 'in the API document; asked by hand, for no provider sends it: it cuts off the rights',
  },
  {
    documents: samples,
    operations: ['GET /api/v1/organization/{id}/robots'],
    where: 'response 200 body',
    what: [`/robots/*/token ${IN_NONE}`],
    why: 'the examples ask with token=false, and so does the provider; asked by hand with token=true',
  },
  {
    documents: samples,
    operations: [...sampleReads, ...sampleWrites],
    where: 'response status',
    what: [`429 ${IN_NONE}`],
    why: 'answered in HTML by the nginx in front (quay @ffba0c70 conf/nginx/rate-limiting.conf.jnj)',
  },

  {
    documents: samples,
    operations: [`PUT ${permission}`],
    where: 'response status',
    what: [`500 ${IN_NONE}`],
    why: uncollected,
  },
  {
    documents: samples,
    operations: sampleWrites,
    where: 'response status',
    what: [`503 ${IN_NONE}`],
    why: 'of a Quay that is read-only for maintenance: { message, is_readonly } (quay @ffba0c70)',
  },
];
