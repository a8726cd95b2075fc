import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, install, run, write } from './pack.ts';

const handler = `import { parseEvent } from 'cdk-rekey/events';

export function handler(event: unknown): string | undefined {
  const known = parseEvent(event);
  if (known?.['detail-type'] !== 'Credential Rotated') return undefined;
  const { versionId, previous } = known.detail.data;
  return \`\${versionId} \${previous?.revokeAfter}\`;
}
`;

const parse = `import { readFileSync, readdirSync } from 'node:fs';
import { parseEvent } from 'cdk-rekey/events';
const events = readdirSync('events').map((file) => readFileSync('events/' + file, 'utf8'));
console.log(events.filter((text) => parseEvent(JSON.parse(text))).length);
`;

/** A subscriber's project: no CDK, no SDK of its own. */
export async function checkSubscriber(
  folder: string,
  tarball: string,
  check: Check,
): Promise<void> {
  install(folder, { type: 'module' }, tarball);
  const fixtures = 'test/fixtures/events/1.0';
  mkdirSync(join(folder, 'events'));
  for (const file of readdirSync(fixtures))
    writeFileSync(join(folder, 'events', file), readFileSync(join(fixtures, file)));
  write(folder, { 'handler.ts': handler, 'parse.mjs': parse });

  await check('a subscriber does not install the CDK', () => {
    if (readdirSync(join(folder, 'node_modules')).includes('aws-cdk-lib'))
      throw new Error('aws-cdk-lib is installed');
  });
  await check('a subscriber parses every frozen event', () => {
    const parsed = run(process.execPath, ['parse.mjs'], folder).trim();
    if (parsed !== String(readdirSync(fixtures).length)) throw new Error(`${parsed} were parsed`);
  });
  await check('a CommonJS module can require the events', () => {
    const code = "console.log(typeof require('cdk-rekey/events').parseEvent)";
    const type = run(process.execPath, ['-e', code], folder).trim();
    if (type !== 'function') throw new Error(type);
  });
  for (const module of ['nodenext', 'preserve'])
    await check(`a typed handler compiles with module ${module}`, () => {
      const options = ['--noEmit', '--strict', '--module', module, '--target', 'es2023'];
      run(process.execPath, [compiler, ...options, '--types', '', 'handler.ts'], folder);
    });
}

/** This project's compiler: a subscriber's own would be the same. */
export const compiler = join(
  process.cwd(),
  'node_modules/typescript',
  (JSON.parse(readFileSync('node_modules/typescript/package.json', 'utf8')) as Bin).bin.tsc,
);

interface Bin {
  readonly bin: { readonly tsc: string };
}
