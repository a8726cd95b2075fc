import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'node_modules/**'],
    setupFiles: ['test/support/loopback.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    maxWorkers: '100%',
    isolate: false,
    reporters: process.env.CI ? ['default', ['json', { outputFile: '.rekey/test-results.json' }]] : ['default'],
  },
});
