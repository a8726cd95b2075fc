import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    // ends what hangs, and judges nothing
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.rekey/e2e-results.json' }]]
      : ['default'],
  },
});
