import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    // ends a test that hangs; it is no performance limit
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.rekey/e2e-results.json' }]]
      : ['default'],
  },
});
