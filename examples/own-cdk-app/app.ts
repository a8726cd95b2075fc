import { App, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Rekey } from 'cdk-rekey';

// rekey in your own app. In a clone: npx cdk synth --app 'node examples/own-cdk-app/app.ts'
const app = new App();
const stack = new Stack(app, 'Registry');
const rekey = new Rekey(stack, 'Rekey', { fleetFile: 'examples/fleet.yaml' });

// a service in another stack reads one credential, and no other
const shop = new Stack(app, 'Shop');
const role = new Role(shop, 'ExecutionRole', {
  assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
});
rekey.grantRead('shop-images', role);

app.synth();
