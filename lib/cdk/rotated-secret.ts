import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
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

export interface RotatedSecretProps {
  /** Name of the secret. */
  readonly secretName: string;
  /** Id of the fleet it belongs to. */
  readonly fleet: string;
  /** What it holds, for whoever sees it in the console. */
  readonly description: string;
  /**
   * Key the value is encrypted with.
   * @default the account's key for Secrets Manager
   */
  readonly encryptionKey?: IKey;
  /**
   * Regions it is copied to.
   * @default none
   */
  readonly replicaRegions?: readonly ReplicaRegion[];
  /**
   * What becomes of it when the stack, or the target, goes.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** The secret of one target: created empty, filled by rekey, kept when the stack goes. */
export class RotatedSecret extends Construct {
  readonly secretArn: string;
  /** For what reads it: a task definition, a build project, `grantRead`. */
  readonly secret: ISecret;
  readonly encryptionKey: IKey | undefined;

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
    Validations.of(made).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'rekey rotates it, or has Secrets Manager do so where that is its driver; two rotators on one secret would fight',
    });
  }

  /**
   * Has Secrets Manager rotate it by this function: when it is asked to, or by itself after so many
   * days. Never at the deployment.
   */
  rotatedBy(rotation: IFunction, automaticallyAfterDays: number): void {
    const schedule = new CfnRotationSchedule(this, 'Rotation', {
      secretId: this.secretArn,
      rotationLambdaArn: rotation.functionArn,
      rotateImmediatelyOnUpdate: false,
      rotationRules: { automaticallyAfterDays },
    });
    // for this secret, and no other of the account
    const permission = new CfnPermission(this, 'MayRotate', {
      action: 'lambda:InvokeFunction',
      functionName: rotation.functionArn,
      principal: 'secretsmanager.amazonaws.com',
      sourceAccount: Stack.of(this).account,
      sourceArn: this.secretArn,
    });
    // Secrets Manager tries at once whether it may call the function
    schedule.node.addDependency(rotation, permission);
  }
}
