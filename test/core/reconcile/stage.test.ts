import { expect, test } from 'vitest';
import { RekeyError } from '../../../lib/core/errors.ts';
import { ours } from '../../../lib/core/reconcile/failure.ts';
import { during, stageOf } from '../../../lib/core/reconcile/stage.ts';

const thrown = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => Promise.reject(new Error('nothing was thrown')),
    (error: Error) => error,
  );
const refused = () => Promise.reject(new RekeyError('refused', 'refused'));

test('an error has the stage of the work that threw it', async () => {
  const error = await thrown(during('verify', refused));
  expect([stageOf(error), (error as RekeyError).code]).toEqual(['verify', 'refused']);
});

test('an error keeps the stage of the innermost work', async () => {
  const error = await thrown(during('revoke', () => during('prove', refused)));
  expect(stageOf(error)).toBe('prove');
});

test('an error thrown after an inner stage has the outer stage', async () => {
  const error = await thrown(
    during('promote', async () => {
      await during('announce', refused).catch(() => {});
      await refused();
    }),
  );
  expect(stageOf(error)).toBe('promote');
});

test('an unexpected error keeps its stage when it is wrapped as internal', async () => {
  const error = await thrown(during('issue', () => Promise.reject(new TypeError('a bug'))));
  expect(stageOf(ours(error))).toBe('issue');
});

test('an error outside any stage has the stage prepare', () => {
  expect(stageOf(new RekeyError('throttled', 'too soon'))).toBe('prepare');
});
