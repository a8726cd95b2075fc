import { testAdmin } from './admin.ts';
import { testDisabling } from './disabling.ts';
import { testFinding } from './finding.ts';
import { testIssuing } from './issuing.ts';
import { testOver } from './over.ts';
import { testParams } from './params.ts';
import { testRefusedIssuing } from './refused-issuing.ts';
import { testRefusedRevoking } from './refused-revoking.ts';
import { testRevoking } from './revoking.ts';
import type { Subject } from './subject.ts';
import { suiteOf } from './suite.ts';

/**
 * Registers the tests of the contract that every provider must meet, against its simulated vendor:
 * about a hundred, which depend on what the provider can do. Call it at the top of a test file.
 *
 * @param name the provider's name
 */
export function testProvider(name: string, subject: Subject): void {
  const { provider } = subject;
  if (provider.name !== name)
    throw new Error(`testProvider('${name}', …) got the provider ${provider.name}; name that one`);
  const suite = suiteOf(name, subject);
  testIssuing(suite);
  testRefusedIssuing(suite);
  if (suite.lists) testFinding(suite);
  if (suite.revokes) testRevoking(suite);
  if (suite.revokes) testRefusedRevoking(suite);
  if (provider.enable) testDisabling(suite);
  testOver(suite);
  testAdmin(suite);
  testParams(suite);
}
