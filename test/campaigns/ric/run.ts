import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { connectRotation } from '../../support/connections.ts';
import { type Deployment, deploy, synthesise } from '../../support/deployment.ts';
import { fixture, receive } from '../../support/sqs-event.ts';
import { installRic, missingPackages } from './install.ts';

/*
 * Runs each bundle with AWS's own runtime client, the one in Lambda's images, against the Runtime
 * API of the tests: `npm run ric`, or `npm run ric -- FOLDER` to keep the client in that folder for
 * the next time. Takes about a minute.
 */
const say = (line: string) => void process.stdout.write(`${line}\n`);
const temporary = mkdtempSync(join(tmpdir(), 'rekey-ric-'));
const [kept] = process.argv.slice(2);

async function main(): Promise<number> {
  const missing = missingPackages();
  if (missing.length > 0) {
    say(`ric: not run; to build AWS's runtime client, install: ${missing.join(' ')}`);
    return 1;
  }
  const client = installRic(kept ? resolve(kept) : join(temporary, 'client'));
  const here = await deploy(synthesise(join(temporary, 'cdk.out')), {
    runtime: [process.execPath, client, 'index.handler'],
  });
  try {
    const bundles = Object.keys(here.functions);
    const driven = Object.entries(drives).filter(([name]) => bundles.includes(name));
    let ran = 0;
    for (const [name, drive] of driven) if (await told(name, drive(here))) ran += 1;
    say(`ric: ${bundles.length} bundles, ${ran} ran`);
    if (ran < bundles.length) say(here.output());
    return ran === bundles.length ? 0 : 1;
  } finally {
    await here.close();
  }
}

/** The work of each function. The sweep leaves its messages to the worker. */
const drives: Readonly<Record<string, (here: Deployment) => Promise<string>>> = {
  async sweep(here) {
    const sweep = await here.start('sweep');
    for (const _round of ['cold', 'warm']) await sweep.answer(fixture('schedule'));
    return 'swept twice, cold and warm';
  },
  async reconcile(here) {
    const Records = await receive(here.clients.sqs, here.work);
    const answer = await (await here.start('reconcile')).answer({ Records });
    const issued = issuedIn(here);
    const own = here.fleet.targets.filter(({ driver }) => driver === 'rekey').length;
    const fine = JSON.stringify(answer) === '{"batchItemFailures":[]}' && issued === own;
    expect(
      fine,
      `${issued} credentials from ${Records.length} messages, ${JSON.stringify(answer)}`,
    );
    return `issued ${issued} credentials from ${Records.length} messages`;
  },
  async request(here) {
    const request = await here.start('request');
    const refused = await request.invoke({ ...fixture<object>('rotation-requested'), detail: {} });
    expect(
      'error' in refused && refused.error.errorMessage.includes('malformed'),
      JSON.stringify(refused),
    );
    await request.answer(fixture('rotation-requested'));
    const queued = await receive(here.clients.sqs, here.work);
    expect(queued.length === 1, `${queued.length} messages`);
    return 'refused a malformed request, and queued a good one';
  },
  async 'native-rotation'(here) {
    const rotation = await here.start('native-rotation');
    const refused = await rotation.invoke(fixture('rotation-1-create-secret'));
    expect(
      'error' in refused && refused.error.errorMessage.includes('target'),
      JSON.stringify(refused),
    );
    const before = issuedIn(here);
    await connectRotation(here, rotation);
    const target = here.fleet.targets.find(({ driver }) => driver === 'secrets-manager');
    await here.clients.secretsManager.send(new RotateSecretCommand({ SecretId: target?.secret }));
    await here.sandbox.aws.idle();
    expect(
      issuedIn(here) === before + 1,
      `${issuedIn(here) - before} credentials from the four steps`,
    );
    return 'refused a step for a secret that it does not rotate, and rotated one in four';
  },
};

const issuedIn = ({ sandbox }: Deployment): number =>
  sandbox.vendors.filter((vendor) => vendor.credentials().some(({ state }) => state === 'enabled'))
    .length;

function expect(fact: boolean, otherwise: string): void {
  if (!fact) throw new Error(`unexpected: ${otherwise}`);
}

async function told(name: string, driven: Promise<string>): Promise<boolean> {
  try {
    say(`ric: ${name}: ${await driven}`);
    return true;
  } catch (error) {
    say(`ric: ${name}: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

process.exitCode = await main().finally(() => rmSync(temporary, { recursive: true, force: true }));
