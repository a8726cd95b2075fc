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

const uncollected = [
  'the answer for a deleted repository before garbage collection: Repository.DoesNotExist,',
  'which Quay does not catch (quay @ffba0c70 data/model/_basequery.py)',
].join(' ');

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
    why: [
      'the document has only ApiError; errors of the data model are { message } (quay @ffba0c70',
      'endpoints/decorated.py handle_dme), and report that an object was not found',
    ].join(' '),
  },
  {
    documents: quay,
    operations: writes,
    where: 'response 403 body',
    what: [...missing('status', 'type', 'title'), ...unnamed('error', 'message')],
    why: [
      'a write without a valid token is refused because its CSRF token is missing, with { error }',
      'in the source (quay @ffba0c70 endpoints/csrf.py) and { message } at quay.io in 2022',
    ].join(' '),
  },
  {
    documents: quay,
    operations: [...reads, ...writes],
    where: 'response status',
    what: [`429 ${NOT_THERE}`],
    why: 'an HTML answer of the nginx in front (quay @ffba0c70 conf/nginx/rate-limiting.conf.jnj)',
  },
  {
    documents: quay,
    operations: writes,
    where: 'response status',
    what: [`503 ${NOT_THERE}`],
    why: [
      'the answer of a Quay that is read-only for maintenance: { message, is_readonly } (quay',
      '@ffba0c70)',
    ].join(' '),
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
    why: [
      'getRepo is in the whole document; this one is a slice of it. 404 is the answer for a',
      'deleted repository (quay @02635f5f endpoints/api/repository.py)',
    ].join(' '),
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
    why: 'only in the source (quay @ffba0c70 endpoints/api/permission.py, prototype.py, team.py)',
  },
  {
    documents: samples,
    operations: [`PUT ${robot}`],
    where: 'request body',
    what: [`/unstructured_metadata/rights_of ${IN_NONE}`],
    why: 'the metadata belongs to the client',
  },
  {
    documents: samples,
    operations: [`PUT ${robot}`],
    where: 'response 201 body',
    what: [
      `/unstructured_metadata/rights_of ${IN_NONE}`,
      '/unstructured_metadata/credential_id is missing',
    ],
    why: 'the metadata is returned as it was sent',
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
    why: [
      'optional, for repositories that one user creates (quay @ffba0c70',
      'endpoints/api/prototype.py, schema NewPrototype)',
    ].join(' '),
  },
  {
    documents: samples,
    operations: [`POST ${prototypes}`],
    where: 'response 200 body',
    what: ['/delegate/is_robot is missing', '/delegate/is_org_member is missing'],
    why: [
      'the example delegates to a user; a team is neither a robot nor a member (quay @ffba0c70',
      'endpoints/api/prototype.py prototype_view)',
    ].join(' '),
  },
  {
    documents: samples,
    operations: ['GET /api/v1/organization/{id}/robots'],
    where: 'request query',
    what: [`limit ${IN_NONE}`],
    why: [
      'in the API document; sent by hand here, because no provider sends it: it cuts off the',
      'rights',
    ].join(' '),
  },
  {
    documents: samples,
    operations: ['GET /api/v1/organization/{id}/robots'],
    where: 'response 200 body',
    what: [`/robots/*/token ${IN_NONE}`],
    why: 'the examples and the provider send token=false; sent by hand here with token=true',
  },
  {
    documents: samples,
    operations: [...sampleReads, ...sampleWrites],
    where: 'response status',
    what: [`429 ${IN_NONE}`],
    why: 'an HTML answer of the nginx in front (quay @ffba0c70 conf/nginx/rate-limiting.conf.jnj)',
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
    why: [
      'the answer of a Quay that is read-only for maintenance: { message, is_readonly } (quay',
      '@ffba0c70)',
    ].join(' '),
  },
];
