import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, install, run, write } from './pack.ts';
import { compiler } from './subscriber.ts';

const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly peerDependencies: Readonly<Record<'aws-cdk-lib' | 'constructs', string>>;
};

/** The oldest versions of the CDK that the package allows. */
const oldest = (['aws-cdk-lib', 'constructs'] as const).map(
  (name) => `${name}@${peerDependencies[name].slice(1)}`,
);

const app = `import { App, Stack } from 'aws-cdk-lib';
import { Rekey } from 'cdk-rekey';

const stack = new Stack(new App({ outdir: 'cdk.out' }), 'Registry');
const fleet = {
  fleet: 'shop',
  targets: [
    {
      name: 'images',
      provider: 'digitalocean' as const,
      admin: 'rekey/admin/digitalocean',
      params: { registry: 'shop' },
    },
  ],
};
new Rekey(stack, 'Rekey', { fleet });
console.log(Object.keys(Stack.of(stack).templateOptions), 'synthesized');
`;

/** Runs the app; returns its output, also that of a failure. */
function output(folder: string): string {
  try {
    return run(process.execPath, ['app.ts'], folder);
  } catch (error) {
    return (error as Error).message;
  }
}

function expectText(text: string, wanted: string): void {
  if (!text.includes(wanted)) throw new Error(`expected "${wanted}", and saw: ${text}`);
}

/** Apps whose CDK is the oldest, too old, missing, or there twice. */
export async function checkPeers(folder: string, tarball: string, check: Check): Promise<void> {
  const at = (name: string, ...packages: readonly string[]): string => {
    const place = join(folder, name);
    // by force: npm refuses a peer that is too old, unless a user insists
    install(place, { type: 'module' }, '--force', tarball, ...packages);
    write(place, { 'app.ts': app });
    return place;
  };
  await check(`an app with ${oldest.join(' and ')} compiles, and is synthesized`, () => {
    const place = at('oldest', ...oldest, '@types/node@24');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext'];
    run(process.execPath, [compiler, ...options, '--target', 'es2023', 'app.ts'], place);
    expectText(output(place), 'synthesized');
  });
  await check('a CDK that is too old is named in a sentence', () => {
    const place = at('old', 'aws-cdk-lib@2.200.0', 'constructs@10.4.2');
    const lowest = peerDependencies['aws-cdk-lib'].slice(1);
    expectText(
      output(place),
      `cdk-rekey needs aws-cdk-lib ${lowest} or later, and here is 2.200.0`,
    );
  });
  await check('a CDK that is missing is named in a sentence', () => {
    const place = at('missing');
    write(place, { 'app.ts': "import { Rekey } from 'cdk-rekey';\nnew Rekey();\n" });
    expectText(output(place), 'cdk-rekey needs aws-cdk-lib, which is not installed');
  });
  await check('an app with another copy of the CDK than the package’s is synthesized', () => {
    const [name] = oldest;
    const place = at('twice', 'aws-cdk-lib@2.276.0', 'constructs@10.8.1');
    install(join(place, 'node_modules/cdk-rekey/copy'), {}, '--force', ...oldest);
    const copy = 'node_modules/cdk-rekey';
    run(
      'sh',
      ['-c', `rm -rf ${copy}/node_modules && mv ${copy}/copy/node_modules ${copy}/`],
      place,
    );
    const { version } = JSON.parse(
      readFileSync(join(place, copy, 'node_modules/aws-cdk-lib/package.json'), 'utf8'),
    ) as { readonly version: string };
    expectText(`aws-cdk-lib@${version}`, name ?? '');
    expectText(output(place), 'synthesized');
  });
}
