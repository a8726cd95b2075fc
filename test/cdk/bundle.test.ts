import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleOf } from '../../lib/cdk/bundle.ts';
import { functionCode } from '../../lib/cdk/function-code.ts';

const text = (name: string, simulated?: boolean) =>
  Buffer.from(bundleOf(name, simulated)).toString();

test('a deployed bundle has no code for simulated vendors, and a simulated one has', () => {
  expect(text('reconcile')).not.toContain('REKEY_ENDPOINTS');
  expect(text('reconcile', true)).toContain('REKEY_ENDPOINTS');
});

test.each([
  ['reconcile', 1.25],
  ['native-rotation', 1.25],
  ['sweep', 0.8],
  ['request', 0.8],
])('the deployed bundle of %s has at most %f MB', (name, most) => {
  expect(bundleOf(name).length / 1_000_000).toBeLessThan(most);
});

test('esbuild bundles a function once per process', () => {
  expect(bundleOf('sweep')).toBe(bundleOf('sweep'));
});

test('the fleet waits next to the code in a folder that no one else can enter', () => {
  const { path } = functionCode('sweep', '{"id":"acme"}', false);
  expect(readdirSync(path).sort()).toEqual(['fleet.json', 'index.mjs']);
  expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  expect(statSync(join(path, '..')).uid).toBe(process.getuid?.());
});
