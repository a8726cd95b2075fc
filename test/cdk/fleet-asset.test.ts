import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { fileOf, quoted } from '../../lib/cdk/fleet-asset.ts';

test('the fleet for the bundling is in a folder that other users cannot access', () => {
  const file = fileOf('{"id":"acme"}');
  expect(readFileSync(file, 'utf8')).toBe('{"id":"acme"}');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  expect(statSync(dirname(file)).uid).toBe(process.getuid?.());
});

test('each fleet has one file', () => {
  expect(fileOf('one')).toBe(fileOf('one'));
  expect(fileOf('one')).not.toBe(fileOf('two'));
});

test('another process gets its own folder for the same fleet, and deletes it', () => {
  const module = join(import.meta.dirname, '../../lib/cdk/fleet-asset.ts');
  const print = "({ fileOf }) => process.stdout.write(fileOf('one'))";
  const code = `import(${JSON.stringify(module)}).then(${print})`;
  const other = execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' });
  expect(dirname(other)).not.toBe(dirname(fileOf('one')));
  expect(() => statSync(dirname(other))).toThrow(/ENOENT/);
});

test.each(['/tmp/plain', "/tmp/it's here", '/tmp/$(touch x)`y`', '/tmp/a"b\\c', '/tmp/new\nline'])(
  'quoted %j is one word for a shell',
  (path) => {
    expect(execFileSync('sh', ['-c', `printf %s ${quoted(path)}`], { encoding: 'utf8' })).toBe(
      path,
    );
  },
);
