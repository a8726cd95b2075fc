import * as cdk from 'aws-cdk-lib';
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
import { arnOf } from './secret-names.ts';

/** Tag of a secret that Secrets Manager drives: the rights on its rotation depend on it. */
export const DRIVER_TAG = 'rekey:driver';

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
  /**
   * The driver of its rotations: rekey, or Secrets Manager with its own schedule.
   * @default 'rekey'
   */
  readonly driver?: 'rekey' | 'secrets-manager';
  /**
   * The construct that gets the rotation schedule. If it is in another stack, it refers to the
   * secret by its name, and other stacks refer to the secret weakly: no export blocks a removal.
   * @default this construct
   */
  readonly rotatedIn?: Construct;
}

/** The secret of one target: created empty, filled by rekey, kept when the stack is deleted. */
export class RotatedSecret extends Construct {
  /** ARN of the secret, with the suffix that Secrets Manager adds. */
  readonly secretArn: string;
  /** The secret for its readers: a task definition, a build project, `grantRead`. */
  readonly secret: ISecret;
  /** Key that encrypts the value; undefined for the account's key for Secrets Manager. */
  readonly encryptionKey: IKey | undefined;
  private readonly secretName: string;
  private readonly rotatedIn: Construct;

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
      driver = 'rekey',
      rotatedIn = this,
    } = props;
    const made = new CfnSecret(this, 'Secret', {
      name,
      description,
      tags: [
        { key: FLEET_TAG, value: fleet },
        ...(driver === 'secrets-manager' ? [{ key: DRIVER_TAG, value: driver }] : []),
      ],
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
    this.secretName = name;
    this.rotatedIn = rotatedIn;
    if (!this.isHere()) referWeakly(made);
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
   * @param permission of Secrets Manager to call the function (default: a new one, for this secret)
   */
  rotatedBy(
    rotation: IFunction,
    automaticallyAfterDays: number,
    permission: CfnPermission = this.mayRotate(rotation),
  ): void {
    const schedule = new CfnRotationSchedule(this.rotatedIn, 'Rotation', {
      // not an ARN without its suffix: of a name that ends in six letters, that reads as complete
      secretId: this.isHere() ? this.secretArn : this.secretName,
      rotationLambdaArn: rotation.functionArn,
      rotateImmediatelyOnUpdate: false,
      rotationRules: { automaticallyAfterDays },
    });
    // Secrets Manager checks at once that it may call the function
    schedule.node.addDependency(rotation, permission);
  }

  /** Lets Secrets Manager call the function for this secret only. */
  private mayRotate(rotation: IFunction): CfnPermission {
    return new CfnPermission(this.rotatedIn, 'MayRotate', {
      action: 'lambda:InvokeFunction',
      functionName: rotation.functionArn,
      principal: 'secretsmanager.amazonaws.com',
      sourceAccount: Stack.of(this).account,
      sourceArn: this.isHere() ? this.secretArn : arnOf(this, `${this.secretName}-??????`),
    });
  }

  /** True if the secret is in the stack of its schedule. */
  private isHere(): boolean {
    return Stack.of(this.rotatedIn) === Stack.of(this);
  }
}

/** Lets other stacks read the ARN without an export, with a CDK that has weak references. */
function referWeakly(made: CfnSecret): void {
  const { CrossStackReferences, ReferenceStrength } = cdk as Partial<typeof cdk>;
  if (ReferenceStrength) CrossStackReferences?.of(made).produce(ReferenceStrength.WEAK);
}
