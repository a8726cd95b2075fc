import { createRequire } from 'node:module';
import type * as Esbuild from 'esbuild';

/** How each function is bundled; the list of deployed packages is built with the same options. */
export const bundling: Esbuild.BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  minify: true,
  logLevel: 'warning',
  // the bundle has the tested version of the SDK, except for these sources of credentials: Lambda
  // provides credentials in the environment, so they are never loaded
  external: [
    '@aws-sdk/credential-provider-http',
    '@aws-sdk/credential-provider-ini',
    '@aws-sdk/credential-provider-login',
    '@aws-sdk/credential-provider-process',
    '@aws-sdk/credential-provider-sso',
    '@aws-sdk/credential-provider-web-identity',
    '@smithy/credential-provider-imds',
  ],
  mainFields: ['module', 'main'],
  // some packages still call require; the name is one that no minifier generates
  banner: {
    js:
      "import { createRequire as rekeyCreateRequire } from 'node:module'; " +
      'const require = rekeyCreateRequire(import.meta.url);',
  },
};

/** Loads esbuild, an optional package. Throws `missing` if it is not installed. */
export function esbuild(missing: string): typeof Esbuild {
  try {
    return createRequire(import.meta.url)('esbuild') as typeof Esbuild;
  } catch (error) {
    throw new Error(missing, { cause: error });
  }
}
