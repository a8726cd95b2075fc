import { expect, test } from 'vitest';
import { reconcile } from '../../../lib/core/reconcile/index.ts';
import { memoryEngine } from '../../support/memory.ts';
import { aTarget } from '../../support/snapshot.ts';

/** More looks at the secret than any bounded run has. */
const ENDLESS = 100;

test('a run that loses every race leaves the target to the next one', async () => {
  const target = aTarget();
  const { engine } = memoryEngine([target], () => ({ outcome: 'accepted' }));
  let looks = 0;
  const store: typeof engine.store = {
    ...engine.store,
    describe(secret) {
      if (++looks > ENDLESS) throw new Error('the run does not end');
      return engine.store.describe(secret);
    },
    // no label is where it was a moment ago
    label: async () => false,
  };
  const options = { signal: new AbortController().signal, correlationId: 'run-1' };
  await expect(reconcile({ ...engine, store }, target, options)).rejects.toMatchObject({
    code: 'lost-race',
  });
});
