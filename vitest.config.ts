import { defineConfig } from 'vitest/config';

/** Tests that take longer than others of their folder: processes, HTTP, hundreds of targets. */
const slow = [
  'test/start.test.ts',
  'test/docs-{compile,getting-started}.test.ts',
  'test/readme.test.ts',
  'test/reference.test.ts',
  'test/providers/**/*.test.ts',
  'test/scaffold/new-provider.test.ts',
  'test/aws/bounded.test.ts',
  'test/http/hostile.test.ts',
  'test/core/sweep/registry-outage.test.ts',
];
const projects = {
  // the engine with everything below it, and a sample of the campaigns
  engine: { include: ['test/engine/**/*.test.ts', 'test/campaigns/**/*.test.ts'], exclude: [] },
  // processes, bundles, templates, and providers over HTTP, that of examples/ too
  deploy: {
    include: ['test/{cdk,cli,functions}/**/*.test.ts', 'examples/**/*.test.ts', ...slow],
    exclude: [],
  },
  // the inner loop: all other tests, below 15 s of CPU
  fast: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/{engine,campaigns,cdk,cli,functions,e2e}/**', ...slow],
  },
};

export default defineConfig({
  // the published package has JavaScript there
  resolve: {
    alias: {
      'cdk-rekey/events': new URL('./lib/core/events/index.ts', import.meta.url).pathname,
      'cdk-rekey/provider/testing': new URL('./lib/kit/testing/index.ts', import.meta.url).pathname,
      'cdk-rekey/provider': new URL('./lib/kit/provider.ts', import.meta.url).pathname,
      'cdk-rekey': new URL('./lib/cdk/index.ts', import.meta.url).pathname,
    },
  },
  test: {
    setupFiles: ['test/support/loopback.ts'],
    // ends what hangs, and judges nothing: on a busy machine a test may take as long as it likes
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: '100%',
    isolate: false,
    projects: Object.entries(projects).map(([name, files]) => ({
      extends: true as const,
      test: { name, ...files },
    })),
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.rekey/test-results.json' }]]
      : ['default'],
  },
});
