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
  test('the place of a target has 8 hex digits', () => {
    expect(target(healthy)?.place).toMatch(/^[0-9a-f]{8}$/);
  });

  test.each([
    ['the provider', healthy.replace('provider: ionos', 'provider: mint')],
    ['the admin secret', healthy.replace('admin/ionos', 'admin/other')],
    ['a parameter that says where', healthy.replace('r1', 'r2')],
  ])('the place of a target changes with %s', (_name, text) => {
    expect(target(text)?.place).not.toBe(target(healthy)?.place);
  });

  test.each([
    ['the name', healthy.replace('name: app', 'name: shop')],
    ['the format', `${healthy}    format: dockerconfigjson\n`],
    ['the interval', `${healthy}    interval: 60d\n`],
    ['a list of former places', moved('{ provider: mint, admin: a, params: { registryId: r1 } }')],
  ])('the place of a target does not depend on %s', (_name, text) => {
    expect(target(text)?.place).toBe(target(healthy)?.place);
  });

  test('the place does not depend on parameters if the provider has no place', () => {
    expect(placeOf(providers.mint, 'a', { registryId: 'r1' })).toBe(
      placeOf(providers.mint, 'a', { registryId: 'r2' }),
    );
  });

  test('the place distinguishes the name of the admin secret from a parameter', () => {
    const { ionos } = providers;
    expect(placeOf(ionos, 'a', { registryId: 'b,c' })).not.toBe(
      placeOf(ionos, 'a,b', { registryId: 'c' }),
    );
  });
});

describe('the former places of a target', () => {
  test('a target that has not moved has no former places', () => {
    expect(target(healthy)).not.toHaveProperty('former');
    expect(target(`${healthy}    former: []\n`)).not.toHaveProperty('former');
  });

  test('a former place keeps its digest, and if credentials can be revoked there', () => {
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

  test('adding a former place does not rotate the target', () => {
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
  ])('a former place with %s is refused', (_name, former, expected) => {
    expect(problems(moved(former)).join('\n')).toContain(expected);
  });

  test('the same former place twice is refused', () => {
    const one = '{ provider: mint, admin: a, params: { registryId: r1 } }';
    expect(problems(moved(one, one)).join('\n')).toContain('former[1]: a map;');
    expect(problems(moved(one, one)).join('\n')).toContain('expected another place than former[0]');
  });

  test.each([
    [
      'must be a list',
      `${healthy}    former: { provider: ionos }\n`,
      'targets[0].former: a map; expected a list of former places',
    ],
    [
      'must be at most eight',
      moved(
        ...[...'abcdefghi'].map(
          (admin) => `{ provider: mint, admin: ${admin}, params: { registryId: r1 } }`,
        ),
      ),
      'expected at most 8 former places',
    ],
  ])('former places %s', (_name, text, expected) => {
    expect(problems(text).join('\n')).toContain(expected);
  });

  test('former places are validated even if the target itself is wrong', () => {
    const text = moved('{ provider: acr }', '{ provider: nope }').replace(
      'name: app',
      'name: Bad Name',
    );
    expect(problems(text).filter((line) => line.startsWith('rekey.yaml:'))).toHaveLength(3);
  });
});
