import { Arn, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import type { EventPattern } from 'aws-cdk-lib/aws-events';
import { ArnPrincipal, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/**
 * The accepted origins of requests, as a part of the rule's event pattern. It matches fields that
 * EventBridge itself sets, in addition to IAM and the bus policy: a request that passes one of them
 * by mistake is still stopped by the other. Throws if the account of a requester is unknown.
 */
export function requestOrigin(
  scope: Construct,
  { requestSources = {}, requesters }: Settings,
): EventPattern {
  const { accounts, sources } = requestSources;
  const own = Stack.of(scope).account;
  const account = accounts ? [...accounts] : [...new Set([own, ...requesters.map(accountOf)])];
  return { account, ...(sources && { source: [...sources] }) };
}

function accountOf(principal: IPrincipal): string {
  const { principalAccount } = principal;
  if (principalAccount) return principalAccount;
  if (principal instanceof ArnPrincipal && !Token.isUnresolved(principal.arn)) {
    const { account } = Arn.split(principal.arn, ArnFormat.NO_RESOURCE_NAME);
    if (account) return account;
  }
  throw new Error(
    [
      'the account of a principal in the property requesters of Rekey is not known;',
      'expected the accounts of all of them in requestSources',
    ].join(' '),
  );
}
