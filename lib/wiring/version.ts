import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from './installed.ts';

/** The version of this package, in a clone and where it is installed. */
export const { version } = JSON.parse(
  readFileSync(join(packageFolder, 'package.json'), 'utf8'),
) as { readonly version: string };
