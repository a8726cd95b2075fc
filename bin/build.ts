import { mkdirSync, writeFileSync } from 'node:fs';
import { build, bundles } from '../lib/cdk/bundle.ts';

// `npm run build`, second half: puts the code of the functions into dist/.
mkdirSync('dist/functions', { recursive: true });
for (const name of Object.keys(bundles) as (keyof typeof bundles)[])
  writeFileSync(`dist/functions/${name}.mjs`, build(name));
