import { expect, onTestFinished, test, vi } from 'vitest';
import { guarded, logger } from '../../functions/shared/log.ts';
import { RekeyError } from '../../lib/core/errors.ts';

const forged = 'app\n{"level":"INFO","message":"all is well"}\r\u001b[2J\u0000';

/** The output, split into records as CloudWatch splits it. */
async function written(work: () => unknown): Promise<string[]> {
  const printed: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  onTestFinished(() => void vi.restoreAllMocks());
  await work();
  return printed
    .join('')
    .replace(/\n$/, '')
    .split(/[\n\r]/);
}

test.each([
  ['a message', () => logger.info(forged)],
  ['a field', () => logger.warn('removed', { secret: forged, target: forged })],
  ['the name of a field', () => logger.info('x', { [forged]: 1 })],
  ['a RekeyError', () => logger.error('x', new RekeyError('bad-fleet', forged))],
  [
    'any other error',
    () => guarded(async () => Promise.reject(new Error(forged)))({}).catch(() => {}),
  ],
])('%s with a line feed is one log record, without control characters', async (_name, work) => {
  const lines = await written(work);
  expect(lines).toHaveLength(1);
  expect(() => JSON.parse(lines[0] ?? '')).not.toThrow();
  expect(lines[0]?.includes('\u0000') || lines[0]?.includes('\u001b')).toBe(false);
});
