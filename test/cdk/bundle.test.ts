import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { functionFiles } from '../../lib/cdk/bundle.ts';
import { functionCode } from '../../lib/cdk/function-code.ts';

const text = (name: string, simulated?: boolean) =>
  [...functionFiles(name, { simulated }).values()].join('\n');

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
  expect(text(name).length / 1_000_000).toBeLessThan(most);
});

test('the two functions that act share one file, and each has its handler in index.mjs', () => {
  const [reconcile, native] = [functionFiles('reconcile'), functionFiles('native-rotation')];
  expect([...reconcile.keys()]).toEqual(['index.mjs', 'worker.mjs']);
  expect(native.get('worker.mjs')).toBe(reconcile.get('worker.mjs'));
  expect(native.get('index.mjs')).toContain('nativeRotation as handler');
});

test('a function that does not exist has no code', () => {
  expect(() => functionFiles('nope')).toThrow('there is no function nope');
});

test('the fleet waits next to the code in a folder that no one else can enter', () => {
  const { path } = functionCode('sweep', '{"id":"acme"}', {});
  expect(readdirSync(path).sort()).toEqual(['fleet.json', 'index.mjs', 'sweep.mjs']);
  expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  expect(statSync(join(path, '..')).uid).toBe(process.getuid?.());
});
