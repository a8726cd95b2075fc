import { CommanderError } from 'commander';
import { rollbackCandidate } from '../core/decide/index.ts';
import type { InboundType } from '../core/events/index.ts';
import type { Target } from '../core/fleet/index.ts';
import type { Ledger } from '../core/ledger/index.ts';
import { formatDuration, plus } from '../core/time.ts';
import { accountOf } from './banner.ts';
import { type Context, OWN_ERROR } from './context.ts';

/** Asks the user; absent if there is no terminal. */
export type Confirm = ((question: string) => Promise<boolean>) | undefined;

/** Throws unless the user agrees: a wrong name from the shell's history would cause an outage. */
export async function agreed(
  print: Context['print'],
  confirm: Confirm,
  lines: readonly string[],
  question: string,
): Promise<void> {
  for (const line of lines) print(line);
  if (!confirm) throw aborted('not a terminal; pass --yes to confirm');
  if (!(await confirm(question))) throw aborted('nothing was done');
}

const aborted = (why: string) => new CommanderError(1, `${OWN_ERROR}aborted`, `aborted: ${why}`);

/** The question; a rotation needs none, because the previous credential survives the grace. */
const questions: Readonly<Partial<Record<InboundType, (name: string) => string>>> = {
  'Credential Compromised': (name) => `Report ${name} as compromised?`,
  'Compromise Confirmed': (name) => `Confirm that ${name} is compromised?`,
  'Rollback Requested': (name) => `Roll back ${name}?`,
};

/** Asks before a request that ends credentials in use. Throws unless the user agrees. */
export async function agreedTo(
  type: InboundType,
  target: Target,
  ledger: Ledger,
  confirm: Confirm,
  context: Context,
): Promise<void> {
  const question = questions[type]?.(target.name);
  if (question)
    await agreed(context.print, confirm, consequences(type, target, ledger, context), question);
}

/** Lists the credentials that a request ends, with target, account and region. */
function consequences(
  type: InboundType,
  target: Target,
  ledger: Ledger,
  context: Context,
): readonly string[] {
  const account = accountOf(ledger.arn) ?? context.account ?? 'unknown';
  const where = `${target.name}, account ${account}, ${context.region}`;
  const now = context.engine.clock.now();
  const what =
    type === 'Rollback Requested' ? rolledBack(target, ledger, now) : compromised(target, ledger);
  return [`${where}:`, ...what.map((line) => `  ${line}`)];
}

function compromised(target: Target, { versions }: Ledger): string[] {
  const { revocable, compromisedGrace } = target;
  const early = compromisedGrace > 0 ? formatDuration(compromisedGrace) : undefined;
  return versions.flatMap(({ credential, current, disabledAt }) => {
    if (!credential) return [];
    const state = current ? 'current' : disabledAt ? 'disabled' : 'superseded';
    const expiry = credential.expiresAt ? `, at ${credential.expiresAt.toISOString()}` : '';
    const soon = current
      ? `is revoked ${early ? `${early} after` : 'as soon as'} its successor is current`
      : `is revoked ${early ? `within ${early}` : 'at once'}`;
    const end = revocable ? soon : `can only expire${expiry}`;
    return [`credential ${credential.id} (${state}) ${end}`];
  });
}

function rolledBack(target: Target, ledger: Ledger, now: Date): string[] {
  const candidate = rollbackCandidate(target, ledger, now);
  const left = ledger.current?.credential;
  const end = target.revocable
    ? `is revoked about ${plus(now, target.grace).toISOString()}`
    : 'can only expire';
  return [
    ...(candidate?.credential
      ? [`credential ${candidate.credential.id} becomes current again`]
      : []),
    ...(left ? [`credential ${left.id} (current) is superseded, and ${end}`] : []),
  ];
}
