import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { buildSync } from 'esbuild';
import { build, bundles } from '../lib/cdk/bundle.ts';
import { bundleDemo, packagesInFunctions } from '../lib/packaging/bundled.ts';
import { notices } from '../lib/packaging/notices.ts';

// `npm run build`, second half: the code of the functions, the events for subscribers as one file,
// which loads in a third of the time, and the demonstration with the packages that only it needs.
mkdirSync('dist/functions', { recursive: true });
for (const name of Object.keys(bundles) as (keyof typeof bundles)[])
  writeFileSync(`dist/functions/${name}.mjs`, build(name));
buildSync({
  ...{ entryPoints: ['lib/core/events/index.ts'], outfile: 'dist/events.mjs' },
  ...{ bundle: true, platform: 'node', format: 'esm', target: 'node22', minify: true },
});
// in place of its modules, so that the command imports it from the same path as in a clone
const demo = await bundleDemo();
for (const bundled of ['aws', 'demo', 'index.js', 'index.d.ts'])
  rmSync(`dist/lib/sandbox/${bundled}`, { recursive: true });
mkdirSync('dist/lib/sandbox/demo');
writeFileSync('dist/lib/sandbox/demo/run.js', demo.code);
writeFileSync(
  'dist/THIRD-PARTY-NOTICES',
  notices((await packagesInFunctions()).union(demo.packages)),
);
