import { mkdirSync, writeFileSync } from 'node:fs';
import { buildSync } from 'esbuild';
import { build, bundles } from '../lib/cdk/bundle.ts';

// `npm run build`, second half: the code of the functions, and the events for subscribers as one
// file, which loads in a third of the time.
mkdirSync('dist/functions', { recursive: true });
for (const name of Object.keys(bundles) as (keyof typeof bundles)[])
  writeFileSync(`dist/functions/${name}.mjs`, build(name));
buildSync({
  ...{ entryPoints: ['lib/core/events/index.ts'], outfile: 'dist/events.mjs' },
  ...{ bundle: true, platform: 'node', format: 'esm', target: 'node22', minify: true },
});
