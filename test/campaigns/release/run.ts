import { contentChecks } from './content.ts';
import { gather } from './gather.ts';
import { projectChecks } from './project.ts';

/*
 * `npm run release:check`: what has to be true before a version is published. It publishes nothing.
 * Ends with `release: N checks, N passed`, and with status 1 if one failed.
 */
const facts = gather();
const checks = [...projectChecks, ...contentChecks];
let passed = 0;
for (const { statement, problem } of checks) {
  const found = problem(facts);
  if (!found) passed += 1;
  process.stdout.write(
    found ? `FAILED  ${statement}\n        ${found}\n` : `ok      ${statement}\n`,
  );
}
process.stdout.write(`release: ${checks.length} checks, ${passed} passed\n`);
process.exitCode = passed === checks.length ? 0 : 1;
