import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url).resolve('#package.json');

/** The version of this package, in a clone and where it is installed. */
export const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as {
  readonly version: string;
};
