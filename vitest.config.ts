import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'node_modules/**'],
    setupFiles: ['test/support/loopback.ts'],
    // ends what hangs, and judges nothing: on a busy machine a test may take as long as it likes
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: '100%',
    isolate: false,
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.rekey/test-results.json' }]]
      : ['default'],
  },
});
