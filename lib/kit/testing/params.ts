import { expect, test } from 'vitest';
import { manualClock } from './clock.ts';
import type { Suite } from './suite.ts';

/** The parameters: strict, and what they say about the place. */
export function testParams(suite: Suite): void {
  const { name, subject, provider } = suite;

  test(`${name}: parameters are strict`, () => {
    const { params } = subject.vendor({ clock: manualClock() });
    expect(provider.params.safeParse(params).success).toBe(true);
    expect(provider.params.safeParse({ ...params, sopes: [] }).success).toBe(false);
    for (const key of Object.keys(params))
      expect(provider.params.safeParse({ ...params, [key]: '../x' }).success).toBe(false);
  });

  test(`${name}: the place follows from the parameters that locate a credential`, () => {
    const { params } = subject.vendor({ clock: manualClock() });
    const place = (change: object) =>
      provider.place?.(provider.params.parse({ ...params, ...change }));
    const here = place({});
    expect(here).toBeDefined();
    for (const change of subject.place?.moves ?? [])
      expect(place(change), JSON.stringify(change)).not.toEqual(here);
    for (const change of subject.place?.stays ?? [])
      expect(place(change), JSON.stringify(change)).toEqual(here);
  });
}
