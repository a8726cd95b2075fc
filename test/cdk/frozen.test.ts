import { expect, test } from 'vitest';
import { inboundTypes, outbound } from '../../lib/core/events/index.ts';
import { fleetFileOf, synthesised } from './support/synthesis.ts';

const fleet = `
fleet: acme
targets:
  - name: shop-images
    provider: ionos
    admin: rekey/admin/ionos
    params:
      registryId: 5e1fa0b7-2d43-4c0e-9c55-8a6f3f1d7b20
      scopes: [{ type: repository, name: "*", actions: [pull] }]
  - name: driven
    provider: ionos
    driver: secrets-manager
    admin: rekey/admin/ionos
    params:
      registryId: 5e1fa0b7-2d43-4c0e-9c55-8a6f3f1d7b20
      scopes: [{ type: repository, name: "*", actions: [pull] }]
`;

/*
 * Names that outlive a release. A changed logical id replaces the resource in each deployment: a
 * secret or a log group would lose its content. A renamed event reaches no subscriber. New names
 * are fine: `npx vitest run test/cdk/frozen.test.ts -u` adds them, and a review sees if a line is
 * lost.
 */
test('the logical ids of a deployment are frozen', async () => {
  const { template } = synthesised({ fleetFile: fleetFileOf(fleet) });
  const resources = Object.entries(template.toJSON().Resources as Record<string, { Type: string }>);
  const ids = resources.map(([id, { Type }]) => `${Type} ${id}`).sort();
  await expect(`${ids.join('\n')}\n`).toMatchFileSnapshot('../fixtures/names/logical-ids.txt');
});

test('the outputs of a deployment are frozen', async () => {
  const { template } = synthesised({ fleetFile: fleetFileOf(fleet) });
  const outputs = Object.keys(template.findOutputs('*')).sort();
  await expect(`${outputs.join('\n')}\n`).toMatchFileSnapshot('../fixtures/names/outputs.txt');
});

test('the names of events and requests are frozen', async () => {
  const names = [...Object.keys(outbound), ...inboundTypes].sort();
  await expect(`${names.join('\n')}\n`).toMatchFileSnapshot('../fixtures/names/events.txt');
});
