import { type Difference, NOT_THERE, unnamed } from '../difference.ts';

export const ofDigitalocean: readonly Difference[] = [
  {
    documents: ['digitalocean.yaml'],
    operations: ['registries_get_dockerCredentials'],
    where: 'request query',
    what: ['expiry_seconds', 'read_write'].map(
      (name) => `must NOT have additional properties: ${name}`,
    ),
    why: [
      'the description of the operation names both, but the document does not declare them; godo',
      'sends and tests both (godo @3fce660 registry_test.go)',
    ].join(' '),
  },
  {
    documents: ['digitalocean.yaml'],
    operations: ['POST /v1/oauth/revoke'],
    where: 'operation',
    what: [NOT_THERE],
    why: [
      'the revocation is in no public document; doctl @168188d do/registry.go and the Terraform',
      'provider send it',
    ].join(' '),
  },
  {
    documents: ['digitalocean.yaml'],
    operations: ['GET /v2/registry/auth'],
    where: 'operation',
    what: [NOT_THERE],
    why: 'the token server that the registry’s challenge names; not part of the public API',
  },
  {
    documents: ['digitalocean.yaml', 'digitalocean-observed.yaml'],
    operations: ['POST /v2/registry/auth'],
    where: 'operation',
    what: [NOT_THERE],
    why: 'sent to check that it is refused with 405; the observed document has that status for GET',
  },
  {
    documents: ['digitalocean.yaml', 'digitalocean-observed.yaml'],
    operations: ['GET /v2/'],
    where: 'operation',
    what: [NOT_THERE],
    why: 'the challenge of the registry (Docker Registry HTTP API V2), not part of the public API',
  },
  {
    documents: ['digitalocean.yaml', 'digitalocean-observed.yaml'],
    operations: ['GET /v2/account'],
    where: 'operation',
    what: [NOT_THERE],
    why: [
      'in the whole public document; these documents are slices of it. 401 proves that a token is',
      'revoked, as in the acceptance test of the Terraform provider',
    ].join(' '),
  },
  {
    documents: ['digitalocean-observed.yaml'],
    operations: ['registry_auth'],
    where: 'response 200 body',
    what: unnamed('issued_at'),
    why: [
      'an optional field in the answer of any token server',
      '(distribution.github.io/distribution/spec/auth/token)',
    ].join(' '),
  },
];
