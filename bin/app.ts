import { App, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { alarmMail } from '../lib/cdk/alarm-mail.ts';
import { Rekey } from '../lib/cdk/rekey.ts';
import { RekeyError } from '../lib/core/errors.ts';

// The CDK app: the fleet file in, one stack out, or several for a large fleet. `npx cdk deploy
// -c fleet=other.yaml -c dryRun=true -c alarmEmail=you@example.com -c runbookUrl=https://…
// -c secretStacks=32 --all`
const app = new App();
const option = (name: string): string | undefined => app.node.tryGetContext(name)?.toString();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
try {
  const stack = new Stack(app, 'Rekey', {
    description: 'rekey: rotates container-registry credentials',
  });
  const secretStacks = option('secretStacks');
  new Rekey(stack, 'Rekey', {
    fleetFile: option('fleet') ?? 'rekey.yaml',
    dryRun: option('dryRun') === 'true',
    alarmTopic: alarmMail(stack, option('alarmEmail')),
    runbookUrl: option('runbookUrl'),
    ...(secretStacks !== undefined && { secretStacks: Number(secretStacks) }),
  });
} catch (error) {
  if (!(error instanceof RekeyError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
