import { describe, expect, test } from 'vitest';
import { placeOf } from '../../../lib/core/fleet/index.ts';
import { parseFleetText } from '../../../lib/wiring/fleet-file.ts';
import { aProvider } from '../../support/provider-stub.ts';
import { problemsIn } from './problems.ts';

const providers = {
  ionos: { ...aProvider('ionos'), place: ({ registryId }: { registryId: string }) => [registryId] },
  mint: { ...aProvider('mint'), find: undefined, revoke: undefined, enable: undefined },
};

const healthy = `fleet: acme
targets:
  - name: app
    provider: ionos
    admin: admin/ionos
    params: { registryId: r1 }
`;
const moved = (...former: readonly string[]) =>
  `${healthy}    former:\n${former.map((one) => `      - ${one}\n`).join('')}`;
const target = (text: string) => parseFleetText(text, providers).targets[0];
const problems = (text: string) => problemsIn(text, providers);

describe('the place of a target', () => {
  test('is 8 hex digits', () => {
    expect(target(healthy)?.place).toMatch(/^[0-9a-f]{8}$/);
  });

  test.each([
    ['the provider', healthy.replace('provider: ionos', 'provider: mint')],
    ['the admin secret', healthy.replace('admin/ionos', 'admin/other')],
    ['a parameter that says where', healthy.replace('r1', 'r2')],
  ])('changes with %s', (_name, text) => {
    expect(target(text)?.place).not.toBe(target(healthy)?.place);
  });

  test.each([
    ['the name', healthy.replace('name: app', 'name: shop')],
    ['the format', `${healthy}    format: dockerconfigjson\n`],
    ['the interval', `${healthy}    interval: 60d\n`],
    ['a list of former places', moved('{ provider: mint, admin: a, params: { registryId: r1 } }')],
  ])('stays the same whatever %s is', (_name, text) => {
    expect(target(text)?.place).toBe(target(healthy)?.place);
  });

  test('does not follow the parameters of a provider that does not say which of them are about it', () => {
    expect(placeOf(providers.mint, 'a', { registryId: 'r1' })).toBe(
      placeOf(providers.mint, 'a', { registryId: 'r2' }),
    );
  });

  test('does not take the end of the admin secret’s name for a parameter', () => {
    const { ionos } = providers;
    expect(placeOf(ionos, 'a', { registryId: 'b,c' })).not.toBe(
      placeOf(ionos, 'a,b', { registryId: 'c' }),
    );
  });
});

describe('the former places of a target', () => {
  test('are absent from a target that has not moved', () => {
    expect(target(healthy)).not.toHaveProperty('former');
    expect(target(`${healthy}    former: []\n`)).not.toHaveProperty('former');
  });

  test('have the place that the target had there, and say whether credentials can be revoked there', () => {
    const former = [
      '{ provider: ionos, admin: admin/ionos, params: { registryId: r0 } }',
      '{ provider: mint, admin: admin/mint, params: { registryId: r1 } }',
    ];
    expect(target(moved(...former))?.former).toEqual([
      {
        provider: 'ionos',
        admin: 'admin/ionos',
        params: { registryId: 'r0' },
        place: target(healthy.replace('r1', 'r0'))?.place,
        revocable: true,
      },
      {
        provider: 'mint',
        admin: 'admin/mint',
        params: { registryId: 'r1' },
        place: placeOf(providers.mint, 'admin/mint', { registryId: 'r1' }),
        revocable: false,
      },
    ]);
  });

  test('do not rotate the target', () => {
    expect(target(moved('{ provider: mint, admin: a, params: { registryId: r1 } }'))?.spec).toBe(
      target(healthy)?.spec,
    );
  });

  test.each([
    [
      'an unknown provider',
      '{ provider: acr }',
      '8:21 targets[0].former[0].provider: "acr"; expected a provider: ionos, mint',
    ],
    [
      'an unknown key',
      '{ provider: ionos, admin: a, params: { registryId: r0 }, interval: 1d }',
      'targets[0].former[0].interval: unknown key',
    ],
    [
      'an unknown parameter',
      '{ provider: ionos, admin: a, params: { registryId: r0, project: p } }',
      'targets[0].former[0].params.project: unknown key',
    ],
    [
      'no admin secret',
      '{ provider: ionos, params: { registryId: r0 } }',
      'targets[0].former[0].admin: missing',
    ],
    [
      'the present place',
      '{ provider: ionos, admin: admin/ionos, params: { registryId: r1 } }',
      'targets[0].former[0]: a map; expected another place than the one the target is at now',
    ],
    ['text', 'ionos', 'targets[0].former[0].provider: missing; expected a provider'],
  ])('with %s are refused with place and what was expected', (_name, former, expected) => {
    expect(problems(moved(former)).join('\n')).toContain(expected);
  });

  test('stand once each', () => {
    const one = '{ provider: mint, admin: a, params: { registryId: r1 } }';
    expect(problems(moved(one, one)).join('\n')).toContain('former[1]: a map;');
    expect(problems(moved(one, one)).join('\n')).toContain('expected another place than former[0]');
  });

  test.each([
    [
      'are a list',
      `${healthy}    former: { provider: ionos }\n`,
      'targets[0].former: a map; expected a list of former places',
    ],
    [
      'are at most eight',
      moved(
        ...[...'abcdefghi'].map(
          (admin) => `{ provider: mint, admin: ${admin}, params: { registryId: r1 } }`,
        ),
      ),
      'expected at most 8 former places',
    ],
  ])('%s', (_name, text, expected) => {
    expect(problems(text).join('\n')).toContain(expected);
  });

  test('are all looked at, even where the target itself is wrong', () => {
    const text = moved('{ provider: acr }', '{ provider: nope }').replace(
      'name: app',
      'name: Bad Name',
    );
    expect(problems(text).filter((line) => line.startsWith('rekey.yaml:'))).toHaveLength(3);
  });
});
