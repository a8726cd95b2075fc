import * as cdk from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A finding of cdk-nag that is as intended. */
export interface Finding {
  /** Its rule, and what of it. */
  readonly id: string;
  readonly reason: string;
}

/**
 * Records that a finding is as intended. An older CDK has no such record, or refuses an id with an
 * ARN in it: an app with it sees the finding, and loses nothing else.
 */
export function acknowledge(construct: IConstruct, finding: Finding): void {
  // older than 2.252: an import by name would fail before the app could say so
  const { Validations } = cdk as Partial<typeof cdk>;
  try {
    Validations?.of(construct).acknowledge(finding);
  } catch (error) {
    if ((error as Error).name !== 'InvalidValidationId') throw error;
  }
}
