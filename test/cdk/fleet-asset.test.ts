import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { fileOf, quoted } from '../../lib/cdk/fleet-asset.ts';

test('the fleet waits for the bundling in a folder that nobody else can name beforehand, read or write', () => {
  const file = fileOf('{"id":"acme"}');
  expect(readFileSync(file, 'utf8')).toBe('{"id":"acme"}');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  expect(statSync(dirname(file)).uid).toBe(process.getuid?.());
});

test('one fleet has one file, two fleets have two', () => {
  expect(fileOf('one')).toBe(fileOf('one'));
  expect(fileOf('one')).not.toBe(fileOf('two'));
});

test('another process gets another folder for the same fleet, and leaves none behind', () => {
  const module = join(import.meta.dirname, '../../lib/cdk/fleet-asset.ts');
  const code = `import(${JSON.stringify(module)}).then(({ fileOf }) => process.stdout.write(fileOf('one')))`;
  const other = execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' });
  expect(dirname(other)).not.toBe(dirname(fileOf('one')));
  expect(() => statSync(dirname(other))).toThrow(/ENOENT/);
});

test.each(['/tmp/plain', "/tmp/it's here", '/tmp/$(touch x)`y`', '/tmp/a"b\\c', '/tmp/new\nline'])(
  'a shell reads %j as one word',
  (path) => {
    expect(execFileSync('sh', ['-c', `printf %s ${quoted(path)}`], { encoding: 'utf8' })).toBe(
      path,
    );
  },
);
