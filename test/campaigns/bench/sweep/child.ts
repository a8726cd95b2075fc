import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { sweepMetrics } from '../../../../functions/shared/metrics.ts';
import { boundedCalls } from '../../../../lib/aws/calls.ts';
import { sqsQueue } from '../../../../lib/aws/queue.ts';
import { secretsManagerStore } from '../../../../lib/aws/secret-store.ts';
import { assign } from '../../../../lib/core/sweep/assign.ts';
import { sweep } from '../../../../lib/core/sweep/index.ts';
import { measure } from '../../../../lib/core/sweep/measure.ts';
import { benchFleet, NOW } from './fleet.ts';

/*
 * One sweep in a process of its own, bundled like the function: `child <targets> <endpoint>`. It
 * does what functions/sweep.ts does, except that the fleet comes from memory: the schema of a fleet
 * file ends at 10,000 targets. The last line of its output, on stderr, is the result.
 */
const [count = '', endpoint = ''] = process.argv.slice(2);
const options = {
  ...boundedCalls,
  region: 'eu-central-1',
  endpoint,
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
};
const clock = { now: () => NOW, sleep: async () => {} };
const fleet = benchFleet(Number(count));
const store = secretsManagerStore(new SecretsManagerClient(options));
const queue = sqsQueue(
  new SQSClient({ ...options, useQueueUrlAsEndpoint: false }),
  `${endpoint}/000000000000/work.fifo`,
);

const before = process.cpuUsage();
const seen = await sweep({ store, clock }, fleet, 5, { snapshots: false });
const assigned = assign(seen, fleet, NOW, 5);
const messages = assigned.assignments.map((assignment, index) => ({
  group: 'target' in assignment ? assignment.target : 'OTHER',
  deduplicationId: `bench-${index}`,
  body: JSON.stringify({ ...assignment, correlationId: 'bench' }),
}));
await queue.send(messages);
sweepMetrics(fleet.id, measure(seen, NOW), assigned);
const { user, system } = process.cpuUsage(before);
process.stderr.write(
  `${JSON.stringify({
    seen: seen.targets.filter(({ facts }) => facts).length,
    messages: messages.length,
    cpu: user + system,
    peak: process.resourceUsage().maxRSS * 1024,
  })}\n`,
);
