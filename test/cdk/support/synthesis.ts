import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { vi } from 'vitest';
import { Rekey, type RekeyProps } from '../../../lib/cdk/rekey.ts';
import { providers } from '../../../lib/providers/index.ts';
import { parseFleetText } from '../../../lib/wiring/fleet-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-cdk-'));
// several test files share this module
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** An app whose output goes into a folder of the test. */
export const anApp = (): App => new App({ outdir: mkdtempSync(join(folder, 'out-')) });

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

let kept: ReturnType<typeof synthesised> | undefined;

/** A deployment of the example fleet as it comes: synthesized once, and only read. */
export function usual(): ReturnType<typeof synthesised> {
  kept ??= synthesised();
  return kept;
}

/** The targets of the example fleet. */
export const example = parseFleetText(readFileSync('examples/fleet.yaml', 'utf8'), providers);

/**
 * Runs an app as `cdk synth` does, but in this process: another process takes seconds to load the
 * CDK. The templates are then in the folder.
 */
export async function inApp(
  folder: string,
  context: Readonly<Record<string, unknown>>,
  app: () => Promise<unknown>,
): Promise<void> {
  vi.stubEnv('CDK_OUTDIR', folder);
  vi.stubEnv('CDK_CONTEXT_JSON', JSON.stringify(context));
  const before = new Set(process.listeners('beforeExit'));
  try {
    await app();
    for (const end of process.listeners('beforeExit').filter((one) => !before.has(one))) {
      process.off('beforeExit', end);
      end(0);
    }
  } finally {
    vi.unstubAllEnvs();
  }
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
