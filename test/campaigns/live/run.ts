import { leakingDebug } from '../../../lib/cli/node-debug.ts';
import { RekeyError } from '../../../lib/core/errors.ts';
import { MINUTE } from '../../../lib/core/time.ts';
import { createHttp } from '../../../lib/http/client.ts';
import { realClock as clock } from '../../../lib/wiring/clock.ts';
import { loadProviders } from '../../../lib/wiring/load-providers.ts';
import { accountOf } from './account.ts';
import { Help, help, readInputs } from './inputs.ts';
import { checkLive } from './live.ts';

/*
 * `npm run live`: the contract of a provider against the real vendor. No test and no check runs it,
 * because it needs an account. Ends with status 1 if a step failed or a credential may be left.
 */
const print = (line: string) => void process.stdout.write(`${line}\n`);

/** Time to revoke everything after an interruption. */
const CLEANING = 3 * MINUTE;

/** The first Ctrl-C ends the steps, a second one the cleaning up. */
function interruptible(): { readonly signal: AbortSignal; readonly cleaning: AbortSignal } {
  const [steps, cleaning] = [new AbortController(), new AbortController()];
  const stop = () => {
    if (steps.signal.aborted) return cleaning.abort();
    print('live: interrupted; revoking what was issued');
    steps.abort();
    setTimeout(() => cleaning.abort(), CLEANING).unref();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return { signal: steps.signal, cleaning: cleaning.signal };
}

try {
  const debug = leakingDebug(process.env.NODE_DEBUG);
  if (debug !== undefined)
    throw new RekeyError('bad-fleet', `NODE_DEBUG=${debug} would print credentials; unset it`);
  const { allow, ...given } = readInputs(process.argv.slice(2), process.env, loadProviders);
  const http = createHttp({ allow, now: clock.now, sleep: clock.sleep });
  const account = await accountOf(given, { http, clock });
  const { good } = await checkLive(account, { print, ...interruptible() });
  process.exitCode = good ? 0 : 1;
  await http.close();
} catch (error) {
  if (error instanceof Help) process.stdout.write(help);
  else if (error instanceof RekeyError) process.stderr.write(`${error.message}\n`);
  else throw error;
  process.exitCode = error instanceof Help ? 0 : 1;
}
