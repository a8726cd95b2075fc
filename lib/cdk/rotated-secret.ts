import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  CfnRotationSchedule,
  CfnSecret,
  type ISecret,
  type ReplicaRegion,
  Secret,
} from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { FLEET_TAG } from '../core/fleet/index.ts';
import { acknowledge } from './acknowledge.ts';

/** Properties of `RotatedSecret`. */
export interface RotatedSecretProps {
  /** Name of the secret. */
  readonly secretName: string;
  /** Id of the fleet it belongs to. */
  readonly fleet: string;
  /** Description of the secret, as shown in the console. */
  readonly description: string;
  /**
   * Key that encrypts the value.
   * @default the account's key for Secrets Manager
   */
  readonly encryptionKey?: IKey;
  /**
   * Regions that it is replicated to.
   * @default none
   */
  readonly replicaRegions?: readonly ReplicaRegion[];
  /**
   * Policy for the secret when the stack or the target is removed.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** The secret of one target: created empty, filled by rekey, kept when the stack is deleted. */
export class RotatedSecret extends Construct {
  /** ARN of the secret, with the suffix that Secrets Manager adds. */
  readonly secretArn: string;
  /** The secret for its readers: a task definition, a build project, `grantRead`. */
  readonly secret: ISecret;
  /** Key that encrypts the value; undefined for the account's key for Secrets Manager. */
  readonly encryptionKey: IKey | undefined;

  /** Adds the secret. `Rekey` makes one for each target. */
  constructor(scope: Construct, id: string, props: RotatedSecretProps) {
    super(scope, id);
    const {
      secretName: name,
      description,
      fleet,
      encryptionKey,
      replicaRegions = [],
      removalPolicy,
    } = props;
    const made = new CfnSecret(this, 'Secret', {
      name,
      description,
      tags: [{ key: FLEET_TAG, value: fleet }],
      ...(encryptionKey && { kmsKeyId: encryptionKey.keyArn }),
      ...(replicaRegions.length > 0 && {
        replicaRegions: replicaRegions.map(({ region, encryptionKey: key }) => ({
          region,
          ...(key && { kmsKeyId: key.keyArn }),
        })),
      }),
    });
    made.applyRemovalPolicy(removalPolicy ?? RemovalPolicy.RETAIN);
    this.secretArn = made.ref;
    this.encryptionKey = encryptionKey;
    this.secret = Secret.fromSecretAttributes(this, 'Read', {
      secretCompleteArn: made.ref,
      ...(encryptionKey && { encryptionKey }),
    });
    acknowledge(made, {
      id: 'AwsSolutions-SMG4',
      reason:
        'rekey rotates it, or Secrets Manager if that is its driver; two rotators would conflict',
    });
  }

  /**
   * Lets Secrets Manager rotate the secret with this function: on request, or automatically after
   * so many days, but never at the deployment.
   */
  rotatedBy(rotation: IFunction, automaticallyAfterDays: number): void {
    const schedule = new CfnRotationSchedule(this, 'Rotation', {
      secretId: this.secretArn,
      rotationLambdaArn: rotation.functionArn,
      rotateImmediatelyOnUpdate: false,
      rotationRules: { automaticallyAfterDays },
    });
    // limits the permission to this secret
    const permission = new CfnPermission(this, 'MayRotate', {
      action: 'lambda:InvokeFunction',
      functionName: rotation.functionArn,
      principal: 'secretsmanager.amazonaws.com',
      sourceAccount: Stack.of(this).account,
      sourceArn: this.secretArn,
    });
    // Secrets Manager checks at once that it may call the function
    schedule.node.addDependency(rotation, permission);
  }
}
