import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Rekey, type RekeyProps } from '../../../lib/cdk/rekey.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-cdk-'));
// several test files share this module
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The functions are not bundled, because their code is not tested here. */
export const anApp = (): App =>
  new App({
    outdir: mkdtempSync(join(folder, 'out-')),
    context: { 'aws:cdk:bundling-stacks': [] },
  });

type More = Partial<RekeyProps> | ((stack: Stack) => Partial<RekeyProps>);

/** A deployment of the example fleet. */
export function synthesised(
  more: More = {},
  { app = anApp(), env }: { readonly app?: App; readonly env?: Environment } = {},
) {
  const stack = new Stack(app, 'Stack', { ...(env && { env }) });
  const props = typeof more === 'function' ? more(stack) : more;
  const rekey = new Rekey(stack, 'Rekey', { fleetFile: 'examples/fleet.yaml', ...props });
  return { app, stack, rekey, template: Template.fromStack(stack) };
}

/** Writes a fleet file with this content. */
export function fleetFileOf(text: string): string {
  const file = join(mkdtempSync(join(folder, 'fleet-')), 'rekey.yaml');
  writeFileSync(file, text);
  return file;
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The statements in the policies of roles whose id contains this text. */
export const statementsOf = (template: Template, role: string): readonly Statement[] =>
  ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => Object.entries(template.findResources(type)))
    .filter(([id]) => id.includes(role))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);

/** The actions in these statements with this prefix. */
export const actionsOf = (template: Template, role: string, prefix = ''): readonly string[] => [
  ...new Set(
    statementsOf(template, role)
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => Action)
      .filter((action) => action.startsWith(prefix))
      .sort(),
  ),
];

export const propertiesOf = (
  template: Template,
  type: string,
): readonly Readonly<Record<string, unknown>>[] =>
  Object.values(template.findResources(type)).map(
    ({ Properties }) => Properties as Record<string, unknown>,
  );
