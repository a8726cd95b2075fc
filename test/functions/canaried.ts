import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { FLEET_TAG } from '../../lib/core/fleet/index.ts';
import { parseValue } from '../../lib/core/ledger/value.ts';
import { Secret } from '../../lib/core/secret.ts';
import { type Fault, htmlPage } from '../../lib/sandbox/faults.ts';
import { createWorld, work } from '../campaigns/crash-matrix/world.ts';
import { some } from '../support/providers.ts';

/*
 * A worker function in its own process, with a vendor that echoes every secret it receives, and
 * with logs, metrics and traces as deployed. It ends with an uncaught exception. Its secrets go to
 * a file in the given folder.
 */
const [, , folder = ''] = process.argv;
const world = await createWorld(some.disabling);
const { admin } = world.vendor;
const faults: readonly (Fault | undefined)[] = [
  undefined,
  { status: 500, body: admin, carriedOut: true },
  { status: 403, body: admin, headers: { 'x-echo': 'token', 'content-type': 'application/json' } },
  { altered: (body) => body.slice(0, -2) },
  { altered: (body) => `${body.replace(/^\{/, '{"unexpected\\n":')}` },
  { cut: 'after' },
  { truncate: true },
  htmlPage(401),
];
const targets = [...faults, undefined].map((_, index) => ({
  ...world.target,
  name: `app-${index}`,
  secret: `rekey/acme/app-${index}`,
}));
const Tags = [{ Key: FLEET_TAG, Value: 'acme' }];
for (const { secret } of targets)
  await world.secretsManager.send(new CreateSecretCommand({ Name: secret, Tags }));

const { url } = await world.aws.serve({ port: 0 });
const fleet = join(folder, 'fleet.json');
writeFileSync(fleet, JSON.stringify({ id: 'acme', targets }));
Object.assign(process.env, {
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'canary-of-the-function',
  REKEY_FLEET: fleet,
  REKEY_BUS: 'default',
  REKEY_ENDPOINTS: JSON.stringify(world.endpoints),
});
const { handler } = await import('../../functions/reconcile.ts');
for (const [index, fault] of faults.entries()) {
  if (fault) world.vendor.faults.next(/POST/, fault, 10);
  const body = JSON.stringify({ target: `app-${index}`, correlationId: `sweep-${index}` });
  const Records = [
    { messageId: `m${index}`, body, attributes: { MessageGroupId: `app-${index}` } },
  ];
  await handler({ Records }, { getRemainingTimeInMillis: () => 600_000 });
  world.vendor.faults.clear();
}

const secrets = [
  'canary-of-the-function',
  ...Object.values(JSON.parse(admin) as Record<string, string>),
];
const remember = async (secret: string) => {
  const { SecretString = '{}' } = await world.secretsManager.send(
    new GetSecretValueCommand({ SecretId: secret }),
  );
  const login = parseValue(new Secret(SecretString));
  if (login)
    secrets.push(
      login.password.reveal(),
      Buffer.from(`${login.username}:${login.password.reveal()}`).toString('base64'),
    );
};
await remember(`rekey/acme/app-0`);
const last = targets.at(-1) ?? world.target;
writeFileSync(join(folder, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 });

// the value is in the request that fails, and its error is not caught
world.aws.faults.next(
  'secretsmanager.PutSecretValue',
  { error: 'InternalServiceError', status: 500, carriedOut: true },
  3,
);
void work(world.engine(), last);
