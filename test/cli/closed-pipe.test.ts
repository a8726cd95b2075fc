import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

test('a reader that closes the pipe early, as `head` does, is no error', async () => {
  const child = spawn(process.execPath, ['bin/rekey.js', 'schema'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  const [complaints, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(complaints).toBe('');
  expect(status).toBe(0);
});
