import { DescribeEventBusCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { RekeyError } from '../core/errors.ts';
import { awsFailure, nameOf } from './failure.ts';

/**
 * Throws unless the bus exists. EventBridge accepts events for a bus that does not exist and drops them, so that a rotation
 * would go unheard, and the credential that everybody still uses be revoked after the grace.
 */
export async function requireBus(client: EventBridgeClient, bus: string, region: string): Promise<void> {
  try {
    await client.send(new DescribeEventBusCommand({ Name: bus }));
  } catch (error) {
    if (nameOf(error) !== 'ResourceNotFoundException') throw awsFailure(error, `DescribeEventBus of ${bus}`);
    throw new RekeyError(
      'not-found',
      `nothing was done: there is no event bus ${bus} in ${region}; choose the region and account that the fleet is deployed in (AWS_REGION, AWS_PROFILE), deploy it, or name another bus with REKEY_BUS`,
    );
  }
}
