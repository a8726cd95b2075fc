import { App, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Rekey } from '../lib/cdk/rekey.ts';
import { RekeyError } from '../lib/core/errors.ts';

// The CDK app: the fleet file in, one stack out. `npx cdk deploy`, or `-c fleet=other.yaml`.
const app = new App();
const fleetFile = (app.node.tryGetContext('fleet') as string | undefined) ?? 'rekey.yaml';
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
try {
  new Rekey(new Stack(app, 'Rekey', { description: 'rekey: rotates container-registry credentials' }), 'Rekey', { fleetFile });
} catch (error) {
  if (!(error instanceof RekeyError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
