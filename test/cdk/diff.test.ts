import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fleetFileOf, synthesised } from './support/synthesis.ts';

type Resources = Readonly<
  Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
>;

const deployed = (fleet: string): Resources =>
  synthesised({ fleetFile: fleetFileOf(fleet) }).template.toJSON().Resources as Resources;

/** The output of `cdk diff`: the type of each resource, and which properties differ. */
function difference(before: Resources, after: Resources): readonly string[] {
  const ids = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return ids
    .flatMap((id) => {
      const [was, is] = [before[id], after[id]];
      if (!was || !is) return [`${is ? '+' : '-'} ${(is ?? was)?.Type}`];
      const names = Object.keys({ ...was.Properties, ...is.Properties });
      const changed = names.filter(
        (name) => JSON.stringify(was.Properties[name]) !== JSON.stringify(is.Properties[name]),
      );
      return changed.map((name) => `~ ${is.Type} ${name}`);
    })
    .sort();
}

const example = readFileSync('examples/fleet.yaml', 'utf8');
const fortnightly = example.replace('interval: 30d', 'interval: 14d');
const added = `
  - name: new-images
    provider: digitalocean
    admin: rekey/admin/digitalocean
    params: { registry: simulated }
`;
const code = ['Code', 'Environment']
  .flatMap((property) => Array(3).fill(`~ AWS::Lambda::Function ${property}`))
  .sort();
describe('a diff after the fleet file was edited shows', () => {
  test('a diff for a new target and a new interval shows one secret and the code', () => {
    expect(difference(deployed(example), deployed(fortnightly + added))).toEqual([
      '+ AWS::SecretsManager::Secret',
      ...code,
    ]);
  });

  test('a diff for a new comment in the fleet file is empty', () => {
    expect(difference(deployed(example), deployed(`# a comment\n${example}`))).toEqual([]);
  });

  test('a diff for a new interval shows only the code with the fleet', () => {
    expect(difference(deployed(example), deployed(fortnightly))).toEqual(code);
  });

  test('a diff for a removed target shows one secret less, and the secret stays', () => {
    expect(difference(deployed(example + added), deployed(example))).toEqual([
      '- AWS::SecretsManager::Secret',
      ...code,
    ]);
  });
});
