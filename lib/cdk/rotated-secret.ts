import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
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
   * What becomes of it when the stack, or the target, goes.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** The secret of one target: created empty, filled by rekey, kept when the stack goes. */
export class RotatedSecret extends Construct {
  readonly secretArn: string;
  readonly #key: IKey | undefined;

  constructor(scope: Construct, id: string, props: RotatedSecretProps) {
    super(scope, id);
    const { secretName: name, description, fleet, encryptionKey, removalPolicy = RemovalPolicy.RETAIN } = props;
    const secret = new CfnSecret(this, 'Secret', {
      name,
      description,
      tags: [{ key: FLEET_TAG, value: fleet }],
      ...(encryptionKey && { kmsKeyId: encryptionKey.keyArn }),
    });
    secret.applyRemovalPolicy(removalPolicy);
    this.secretArn = secret.ref;
    this.#key = encryptionKey;
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'rekey rotates it; rotation by Secrets Manager itself would be a second rotator on one secret',
    });
  }

  /** May find out what state it is in, without its value. */
  grantDescribe(grantee: IGrantable): Grant {
    return this.grant(grantee, 'secretsmanager:DescribeSecret');
  }

  /** May write requests down on it, without reading its value. */
  grantRequest(grantee: IGrantable): Grant {
    return this.grant(grantee, 'secretsmanager:DescribeSecret', 'secretsmanager:UpdateSecretVersionStage');
  }

  /** May rotate it. Nobody may delete it. */
  grantRotate(grantee: IGrantable): Grant {
    this.#key?.grantEncryptDecrypt(grantee);
    return this.grant(
      grantee,
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetSecretValue',
      'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
    );
  }

  private grant(grantee: IGrantable, ...actions: string[]): Grant {
    return Grant.addToPrincipal({ grantee, actions, resourceArns: [this.secretArn] });
  }
}
