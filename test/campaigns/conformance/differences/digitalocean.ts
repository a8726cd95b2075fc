import { type Difference, NOT_THERE, unnamed } from '../difference.ts';

export const ofDigitalocean: readonly Difference[] = [
  {
    documents: ['digitalocean.yaml'],
    operations: ['registries_get_dockerCredentials'],
    where: 'request query',
    what: ['expiry_seconds', 'read_write'].map(
      (name) => `must NOT have additional properties: ${name}`,
    ),
    why: 'the document names both in the description of the operation, and forgets to declare them; godo sends and tests both (godo @3fce660 registry_test.go)',
  },
  {
    documents: ['digitalocean.yaml'],
    operations: ['POST /v1/oauth/revoke'],
    where: 'operation',
    what: [NOT_THERE],
    why: 'the revocation is in no public document; doctl @168188d do/registry.go and the Terraform provider send it',
  },
  {
    documents: ['digitalocean.yaml'],
    operations: ['GET /v2/registry/auth'],
    where: 'operation',
    what: [NOT_THERE],
    why: 'the token server that the registry’s challenge names; no part of the public API',
  },
  {
    documents: ['digitalocean.yaml', 'digitalocean-observed.yaml'],
    operations: ['POST /v2/registry/auth'],
    where: 'operation',
    what: [NOT_THERE],
    why: 'asked to see that it is refused with 405; the observed document has that status below GET',
  },
  {
    documents: ['digitalocean.yaml', 'digitalocean-observed.yaml'],
    operations: ['GET /v2/'],
    where: 'operation',
    what: [NOT_THERE],
    why: 'the challenge of the registry (Docker Registry HTTP API V2), no part of the public API',
  },
  {
    documents: ['digitalocean.yaml', 'digitalocean-observed.yaml'],
    operations: ['GET /v2/account'],
    where: 'operation',
    what: [NOT_THERE],
    why: 'in the whole public document, of which these are slices: 401 proves that a token is revoked, as in the acceptance test of the Terraform provider',
  },
  {
    documents: ['digitalocean-observed.yaml'],
    operations: ['registry_auth'],
    where: 'response 200 body',
    what: unnamed('issued_at'),
    why: 'an optional field of each token server’s answer (distribution.github.io/distribution/spec/auth/token)',
  },
];
