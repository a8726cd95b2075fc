import * as z from 'zod';
import type { Provider } from '../../core/provider.ts';
import { shellWord } from '../../wiring/shell.ts';
import { version } from '../../wiring/version.ts';
import type { Draft } from './draft.ts';
import { pageUrl } from './pages.ts';

/** The next steps, line by line, after the fleet file is written. */
export function nextSteps(
  { provider, admin }: Draft,
  file: string,
  app: boolean,
): readonly string[] {
  const [first, ...others] = shapesOf(provider);
  return [
    'Next:',
    '',
    '1. Create the admin credential at the provider, with the least rights:',
    `     ${pageUrl(`providers/${provider.name}.md`)}`,
    '2. Store it in Secrets Manager. The command reads what you paste: end it with Enter and',
    '   Ctrl-D. It does not get into the history of the shell.',
    `     aws secretsmanager create-secret --name ${shellWord(admin)} \\`,
    '       --secret-string file:///dev/stdin',
    `   Paste  ${first}`,
    ...others.map((shape) => `   or     ${shape}`),
    ...(app ? deployApp : pasteIntoStack(file)),
    '4. See what rekey does:',
    '     npx cdk-rekey status',
  ];
}

const deployApp = [
  '3. Deploy. Bootstrap an account and region once:',
  '     npm install',
  '     npx cdk-rekey validate',
  '     npx cdk bootstrap',
  '     npx cdk deploy',
];

const pasteIntoStack = (file: string): readonly string[] => [
  '3. Install the package, and add the construct to a stack of your CDK app:',
  `     npm install cdk-rekey@${version}`,
  '',
  '     import { Rekey } from "cdk-rekey";',
  '',
  '     new Rekey(this, "Rekey", {',
  `       fleetFile: ${JSON.stringify(file)},`,
  '     });',
  '',
  '   Then deploy it:',
  '     npx cdk-rekey validate',
  '     npx cdk deploy',
];

const object = z.object({ required: z.array(z.string()) });
const shapes = z.union([z.object({ anyOf: z.array(object) }), object]);

/** The JSON that the admin secret may hold: what its schema requires. */
export function shapesOf({ admin }: Provider): readonly string[] {
  const schema = shapes.parse(z.toJSONSchema(admin, { io: 'input', unrepresentable: 'any' }));
  const alternatives = 'anyOf' in schema ? schema.anyOf : [schema];
  return alternatives.map(({ required }) => {
    const keys = required.map((key) => `"${key}": "…"`);
    return `{ ${keys.join(', ')} }`;
  });
}
