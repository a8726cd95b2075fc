import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { bundledPackages, packagesInFunctions } from '../../../lib/packaging/bundled.ts';
import { billOfMaterials } from './bom.ts';
import { lockfile } from './lockfile.ts';

const own = JSON.parse(readFileSync('package.json', 'utf8')) as {
  name: string;
  version: string;
  license: string;
};
const bom = billOfMaterials(
  lockfile.parse(JSON.parse(readFileSync('package-lock.json', 'utf8'))),
  own,
  await packagesInFunctions(),
  await bundledPackages(),
);
const deployed = bom.components.filter(({ scope }) => scope === 'required');
const file = `.rekey/${own.name}-${own.version}.cdx.json`;
mkdirSync('.rekey', { recursive: true });
writeFileSync(file, `${JSON.stringify(bom, undefined, 2)}\n`);
process.stdout.write(
  `${file}: ${bom.components.length} packages, ${deployed.length} of them in the functions\n`,
);
