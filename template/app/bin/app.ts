import { App, Stack } from 'aws-cdk-lib';
import { Rekey } from 'cdk-rekey';

const app = new App();
const stack = new Stack(app, 'rekey-acme', {
  description: 'rekey: rotates container-registry credentials',
});
new Rekey(stack, 'Rekey', { fleetFile: 'rekey.yaml' });
