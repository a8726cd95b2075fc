import { hasCode, RekeyError } from '../core/errors.ts';
import type { InboundType } from '../core/events/index.ts';
import type { Target } from '../core/fleet/index.ts';
import { type Ledger, parseLedger } from '../core/ledger/index.ts';
import { formatDuration, plus, SECOND } from '../core/time.ts';
import type { Context, Result } from './context.ts';
import { type Progress, progress } from './progress.ts';

const PAUSE = 1 * SECOND;
/**
 * The request function records a request within seconds. A request that is not in the ledger by
 * then was not received.
 */
const RECEIVED_WITHIN = 60 * SECOND;

/** The command for each type, for the advice on what to run next. */
const commands: Readonly<Record<InboundType, string>> = {
  'Rotation Requested': 'rotate',
  'Credential Compromised': 'compromised',
  'Compromise Confirmed': 'compromised --confirm',
  'Rollback Requested': 'rollback',
};

/**
 * Polls the secret and prints each new step until the request ends or `wait` (milliseconds) is
 * over. Throws `secret-missing` if the secret is deleted meanwhile.
 */
export async function follow(
  context: Context,
  type: InboundType,
  target: Target,
  before: Ledger,
  wait: number,
): Promise<Result> {
  const { engine, print } = context;
  const { clock } = engine;
  const say = sayOnce((line) => print(`${target.name}: ${line}`));
  const began = clock.now();
  const deadline = plus(began, wait);
  let accepted = false;
  for (;;) {
    const after = await look(context, target);
    if (after) {
      const seen = progress(type, {
        target,
        before,
        after,
        accepted,
        since: began,
        now: clock.now(),
      });
      for (const step of seen.steps) say(step);
      accepted ||= seen.accepted;
      if (seen.end) {
        say(seen.end.message);
        return seen.end.done ? 'done' : 'failed';
      }
      if (seen.held) say(seen.held.message);
      if (isHeld(seen, deadline)) return 'waiting';
    }
    const now = clock.now();
    const patience = Math.min(RECEIVED_WITHIN, wait);
    if (!accepted && now >= plus(began, patience)) {
      for (const line of notReceived(context, type, target, patience)) say(line);
      return 'failed';
    }
    if (now >= deadline) {
      const waited = `not done within ${formatDuration(wait)}; the worker continues`;
      say(`${waited}. To see its progress: rekey status ${target.name}`);
      return 'waiting';
    }
    await pause(context, Math.min(PAUSE, Number(deadline) - Number(now)));
  }
}

async function pause({ engine, signal }: Context, ms: number): Promise<void> {
  try {
    await engine.clock.sleep(ms, signal);
  } catch (error) {
    // the signal's reason is more useful than the timer's own error
    signal?.throwIfAborted();
    throw error;
  }
}

const isHeld = ({ held }: Progress, deadline: Date): boolean =>
  held !== undefined && (!held.until || held.until > deadline);

/** Reads the ledger; `undefined` if the call to AWS fails, since the next one may succeed. */
async function look({ engine }: Context, { name, secret }: Target): Promise<Ledger | undefined> {
  try {
    const snapshot = await engine.store.describe(secret);
    if (snapshot && !snapshot.deletedAt) return parseLedger(snapshot);
  } catch (error) {
    if (hasCode(error, 'aws-failed')) return undefined;
    throw error;
  }
  throw new RekeyError(
    'secret-missing',
    `${name}: the secret ${secret} was deleted while the request was being followed`,
  );
}

function notReceived(
  { bus }: Context,
  type: InboundType,
  { name, fleet }: Target,
  waited: number,
): string[] {
  return [
    `the request was not received within ${formatDuration(waited)}, or it was refused`,
    [
      `check that ${bus} is the bus of the fleet ${fleet} in this account and region`,
      '(REKEY_BUS names another one), that the stack is deployed with',
      `${name} in its fleet file, and that it is not in a dry run`,
    ].join(' '),
    'refused requests are in the queue RefusedRequests of the stack',
    `to act in this process with your own rights: rekey ${commands[type]} ${name} --in-process`,
  ];
}

/** Prints each line once: every look at the ledger finds the earlier steps again. */
function sayOnce(print: (line: string) => void): (line: string) => void {
  const said = new Set<string>();
  return (line) => {
    if (said.has(line)) return;
    said.add(line);
    print(line);
  };
}
