import { Duration } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { fleetFileOf, statementsOf, synthesised } from './support/synthesis.ts';

const fleetOf = (name: string, more: string) => `fleet: acme
targets:
  - name: ${name}
    provider: deepgram
    admin: admin/deepgram
    params: { projectId: 1b7f0c8a-52c1-4d0b-8a25-6c0f4f9be7d3 }
${more}`;
const former = `    former:
      - provider: quay-robot
        admin: admin/quay
        params: { organization: acme, robot: ci }
      - provider: deepgram
        admin: admin/deepgram
        params: { projectId: 11111111-2222-4333-8444-555555555555 }
`;

/** The secrets that a function may read, from the resources in its policy. */
const readable = (text: string, role: string) => {
  const { template } = synthesised({ fleetFile: fleetFileOf(text) });
  const reads = statementsOf(template, role).filter(({ Action }) =>
    [Action].flat().includes('secretsmanager:GetSecretValue'),
  );
  return JSON.stringify(reads.map(({ Resource }) => Resource));
};

describe('the admin secret of a former place', () => {
  test.each([
    ['reconcileRole', ''],
    ['nativerotationRole', '    driver: secrets-manager\n'],
  ])('the admin secret of a former place may be read by %s', (role, driver) => {
    const granted = readable(fleetOf('app', driver + former), role);
    for (const name of ['admin/quay', 'admin/quay-??????', 'admin/deepgram'])
      expect(granted).toContain(`:secret:${name}"`);
    expect(granted.split('secret:admin/deepgram"')).toHaveLength(2);
  });

  test.each(['sweepRole', 'requestRole'])(
    'the admin secret of a former place may not be read by %s',
    (role) => {
      expect(readable(fleetOf('app', former), role)).not.toContain('admin/quay');
    },
  );
});

describe('a window', () => {
  const file = (duration: string) =>
    fleetFileOf(fleetOf('app', `    window: { cron: '0 2 * * *', duration: ${duration} }\n`));

  test('a window shorter than two sweeps fails the synth', () => {
    expect(() => synthesised({ fleetFile: file('90m'), interval: Duration.minutes(60) })).toThrow(
      [
        'the window of app stays open for 1h 30m; expected at least 2h:',
        'the property interval of Rekey is 1h, and two sweeps must fall into a window',
      ].join(' '),
    );
  });

  test('a window of two sweeps is accepted', () => {
    expect(() =>
      synthesised({ fleetFile: file('2h'), interval: Duration.minutes(60) }),
    ).not.toThrow();
    expect(() => synthesised({ fleetFile: file('10m') })).not.toThrow();
  });
});
