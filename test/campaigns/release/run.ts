import { contentChecks } from './content.ts';
import type { Facts } from './facts.ts';
import { gather } from './gather.ts';
import { projectChecks } from './project.ts';

/*
 * `npm run release:check`: what has to be true before a version is published. It publishes nothing.
 * Ends with `release: N checks, N passed`, and with status 1 if one failed.
 */
const checks = [...projectChecks, ...contentChecks];
const facts = gathered();
const wrong = facts ? checks.filter(failed(facts)) : checks;
process.stdout.write(`release: ${checks.length} checks, ${checks.length - wrong.length} passed\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;

/** The facts; undefined, with the reason printed, if the project cannot be built or packed. */
function gathered(): Facts | undefined {
  try {
    return gather();
  } catch (error) {
    print('FAILED  the project can be built and packed', (error as Error).message);
    return undefined;
  }
}

/** Prints the result of a check. */
function failed(known: Facts) {
  return ({ statement, problem }: (typeof checks)[number]): boolean => {
    const found = problem(known);
    print(`${found ? 'FAILED ' : 'ok     '} ${statement}`, found);
    return found !== undefined;
  };
}

function print(line: string, reason = ''): void {
  process.stdout.write(`${line}\n${reason.replaceAll(/^(?=.)/gm, '        ')}${reason && '\n'}`);
}
