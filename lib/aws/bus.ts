import { DescribeEventBusCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { RekeyError } from '../core/errors.ts';
import { caller, type Limits } from './calls.ts';
import { awsFailure, nameOf } from './failure.ts';

/**
 * Throws `not-found` if the bus does not exist. EventBridge accepts events for a missing bus and
 * drops them: subscribers would miss a rotation, and still use the previous credential when its
 * grace period ends.
 */
export async function requireBus(
  client: EventBridgeClient,
  bus: string,
  region: string,
  limits: Limits = {},
): Promise<void> {
  try {
    const command = new DescribeEventBusCommand({ Name: bus });
    await caller(limits)(undefined, (options) => client.send(command, options));
  } catch (error) {
    if (nameOf(error) !== 'ResourceNotFoundException')
      throw awsFailure(error, `DescribeEventBus of ${bus}`, limits.signal);
    throw new RekeyError(
      'not-found',
      [
        `nothing was done: there is no event bus ${bus} in ${region};`,
        'choose the region and account that the fleet is deployed in (AWS_REGION, AWS_PROFILE),',
        'deploy it, or name another bus with REKEY_BUS',
      ].join(' '),
    );
  }
}
