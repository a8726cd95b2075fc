import { RekeyError } from '../core/errors.ts';
import type { Fleet, Target } from '../core/fleet/index.ts';
import {
  type Remaining,
  refuseUnlessRemoved,
  remains,
  retiredTarget,
} from '../core/jobs/retire.ts';
import { type Ledger, parseLedger } from '../core/ledger/index.ts';
import { accountOf } from './banner.ts';
import { agreed, type Confirm } from './confirm.ts';
import { type Context, type Result, targetNamed } from './context.ts';
import { refuseWrongClock } from './refuse.ts';
import { inWords } from './view.ts';

interface RetireOptions {
  readonly name: string;
  /** The fleet that still has the target, and the file it was read from. */
  readonly former: Fleet;
  readonly from: string;
  readonly now: boolean;
  readonly confirm: Confirm;
}

/**
 * `rekey retire`: ends the credentials of a target that left the fleet. Returns `done` if none is
 * alive. Otherwise run the command again later: it resumes where it stopped.
 */
export async function retire(
  context: Context,
  { name, former, from, now, confirm }: RetireOptions,
): Promise<Result> {
  const { engine, print } = context;
  const known = targetNamed({ ...context, fleet: former }, name);
  refuseUnlessRemoved(known, context.fleet);
  const target = retiredTarget(known, now ? { soak: 0 } : known);
  const before = await ledgerOf(context, target);
  refuseWrongClock(context.skew());
  await context.requireBus();
  await agreedToEnd(target, before, confirm, context);

  const { steps } = await context.reconcile(target).catch((error: unknown) => {
    if (!(error instanceof RekeyError)) throw error;
    print(`${name}: failed: ${error.message}`);
    return { steps: undefined };
  });
  for (const { decision, error } of steps ?? []) {
    print(
      `${name}: ${decision.action} (${decision.reason})${error ? ` failed: ${error.message}` : ''}`,
    );
  }
  const { left, again } = remains(target, await ledgerOf(context, target), engine.clock.now());
  if (left.length > 0) {
    for (const one of left) print(`  ${describe(one)}`);
    const command = `rekey retire ${name} --from ${from}`;
    const when =
      again && again > engine.clock.now()
        ? ` at ${again.toISOString()} (${inWords(again.toISOString(), engine.clock.now())})`
        : '';
    const remaining = `${left.length} of its credentials ${left.length === 1 ? 'is' : 'are'} left`;
    print(`not done: ${remaining}; run this again${when}: ${command}`);
    return 'failed';
  }
  const command = `aws secretsmanager delete-secret --secret-id ${target.secret}`;
  print(
    `done: none of its credentials is alive. The secret itself stays; delete it with: ${command}`,
  );
  return 'done';
}

async function ledgerOf({ engine }: Context, { name, secret }: Target): Promise<Ledger> {
  const snapshot = await engine.store.describe(secret);
  const ledger = snapshot && parseLedger(snapshot);
  if (ledger && !ledger.deleted) return ledger;
  const what = ledger ? 'is scheduled for deletion; restore it first' : 'does not exist';
  throw new RekeyError(
    'secret-missing',
    `${name}: the secret ${secret} ${what}: only the secret lists the live credentials`,
  );
}

/** Lists the credentials that end, and throws unless the user agrees: readers lose access. */
async function agreedToEnd(
  { name, secret }: Target,
  { arn, current, versions }: Ledger,
  confirm: Confirm,
  { print, region }: Context,
): Promise<void> {
  const alive = versions.filter(({ credential }) => credential).length;
  if (alive === 0) return;
  const unseen = [
    `no sweep has reported yet that ${secret} left the fleet:`,
    'make sure that the deployed fleet does not have it, or a worker issues a new credential',
  ].join(' ');
  const ends = [
    `${name}, account ${accountOf(arn) ?? 'unknown'}, ${region}:`,
    `${alive} live ${alive === 1 ? 'credential' : 'credentials'} behind ${secret} will end,`,
    'the current one at once',
  ].join(' ');
  const lines = [...(current && !current.removedAt ? [unseen] : []), ends];
  await agreed(print, confirm, lines, `End the credentials of ${name}?`);
}

function describe({ credential, state, until, expires }: Remaining): string {
  const end = expires ? 'it can only expire,' : state === 'disabled' ? 'deleted' : 'revoked';
  return `${credential}  ${state}${until ? `, ${end} at ${until.toISOString()}` : ''}`;
}
