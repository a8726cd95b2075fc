// The entry of the published constructs. JavaScript that looks for the CDK before it loads them: a
// CDK that is missing or too old gets a sentence, not an error of the module loader.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { peerDependencies } = require('../package.json');

for (const name of ['aws-cdk-lib', 'constructs']) {
  const lowest = peerDependencies[name].slice(1);
  const version = versionOf(name);
  if (version === undefined)
    throw new Error(`cdk-rekey needs ${name}, which is not installed: npm install ${name}`);
  if (version.localeCompare(lowest, 'en', { numeric: true }) < 0)
    throw new Error(
      `cdk-rekey needs ${name} ${lowest} or later, and here is ${version}: npm install ${name}@latest`,
    );
}

export const { Rekey, RotatedSecret } = require('../dist/lib/cdk/index.js');

function versionOf(name) {
  try {
    return require(`${name}/package.json`).version;
  } catch {
    return undefined;
  }
}
