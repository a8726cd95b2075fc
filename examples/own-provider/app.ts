import { App, Stack } from 'aws-cdk-lib';
import { Rekey } from 'cdk-rekey';

const app = new App();
const stack = new Stack(app, 'Registry');
new Rekey(stack, 'Rekey', { fleetFile: 'rekey.yaml', providers: 'providers.ts' });

app.synth();
