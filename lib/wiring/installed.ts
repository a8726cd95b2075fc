import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder of this package, in a clone and where it is installed. */
export const packageFolder = dirname(createRequire(import.meta.url).resolve('#package.json'));

/**
 * How a user runs the command. Outside a clone, `npx rekey` may fetch an unrelated package of that
 * name.
 */
export const command = existsSync(join(packageFolder, 'lib')) ? 'npx rekey' : 'npx cdk-rekey';
