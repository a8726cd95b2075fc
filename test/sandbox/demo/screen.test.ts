import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Step } from '../../../lib/core/reconcile/index.ts';
import { liveScreen } from '../../../lib/sandbox/demo/screen.ts';
import { aTarget, T0 } from '../../support/snapshot.ts';

const target = aTarget({ name: 'app' });
const step = (action: 'rotate' | 'revoke'): Step =>
  ({ target, decision: { action, reason: 'too-old', message: 'why' } }) as Step;

function screen(columns: number) {
  const written: string[] = [];
  const output = { columns, write: (text: string) => written.push(text) > 0 };
  return { written, live: liveScreen(output as never, { id: 'acme', targets: [target] }) };
}

test('the picture is redrawn in place until it ends; later steps are lines below it', () => {
  const { written, live } = screen(80);
  live.tick(T0);
  live.step(step('rotate'), T0);
  expect(written.at(-1)).toContain('\x1b[2A');
  live.end();
  written.length = 0;
  live.tick(T0);
  live.step(step('revoke'), T0);
  expect(written).toEqual(['2026-01-15 09:30  app  revoked and dead: why\n']);
});

test('a narrow terminal shows the latest step', () => {
  const { written, live } = screen(30);
  for (let round = 0; round < 6; round++) live.step(step('rotate'), T0);
  live.step(step('revoke'), T0);
  const [, line = ''] = stripVTControlCharacters(written.at(-1) ?? '').split('\n');
  expect(line).toMatch(/^app {2}….*revoked and dead$/);
  expect(line).toHaveLength(30);
});
