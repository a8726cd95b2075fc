import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type FleetFile, Rekey, type RekeyProps } from '../../lib/cdk/index.ts';
import { anApp, synthesised, usual } from './support/synthesis.ts';

const one = {
  fleet: 'own',
  targets: [
    {
      name: 'shop-images',
      provider: 'digitalocean',
      admin: 'rekey/admin/digitalocean',
      params: { registry: 'shop' },
    },
  ],
} satisfies FleetFile;

const made = (props: RekeyProps) => new Rekey(new Stack(anApp(), 'Stack'), 'Rekey', props);

test('a fleet given as an object makes the same deployment as its file', () => {
  const fleet = parse(readFileSync('examples/fleet.yaml', 'utf8')) as FleetFile;
  const stack = new Stack(new App(), 'Stack');
  new Rekey(stack, 'Rekey', { fleet });
  const [ours, theirs] = [Template.fromStack(stack), usual().template];
  expect(ours.findResources('*')).toEqual(theirs.findResources('*'));
  // the command needs a file
  const others = Object.keys(theirs.findOutputs('*')).filter((id) => !id.includes('StatusCommand'));
  expect(Object.keys(ours.findOutputs('*'))).toEqual(others);
});

test('a wrong object is refused with the place of each problem', () => {
  const wrong = { ...one, targets: [{ ...one.targets[0], grace: '40d' }] } as FleetFile;
  expect(() => made({ fleet: wrong })).toThrow(/^fleet\.targets\[0\]\.grace: "40d"; expected /);
  expect(() => made({ fleet: 7 as unknown as FleetFile })).toThrow(/^fleet: 7; expected /);
});

test('a deployment has one fleet: a file or an object', () => {
  expect(() => made({})).toThrow('neither of the properties fleetFile and fleet; expected one');
  expect(() => made({ fleet: one, fleetFile: 'examples/fleet.yaml' })).toThrow('both of');
});

test('the metrics of a deployment are those of its fleet', () => {
  const { rekey } = synthesised();
  for (const metric of [
    rekey.metricTargetsFailing(),
    rekey.metricCredentialAge(),
    rekey.metricRotations(),
    rekey.metricFailures(),
    rekey.metric('RevocationsOverdue', { statistic: 'Maximum' }),
  ])
    expect(metric).toMatchObject({ namespace: 'rekey', dimensions: { fleet: rekey.fleet.id } });
  expect(rekey.metricRotations().statistic).toBe('Sum');
  expect(rekey.metricRotations({ statistic: 'Average' }).statistic).toBe('Average');
});
