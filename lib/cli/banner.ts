import { hasCode, RekeyError } from '../core/errors.ts';
import type { Target } from '../core/fleet/index.ts';
import type { Context } from './context.ts';

/**
 * Prints the first line of a command: fleet, account, region and bus. The account is read from the
 * ARN of a secret, which every command may describe.
 */
export async function banner(
  context: Context,
  target: Target | undefined,
  complain: (line: string) => void,
): Promise<void> {
  const { fleet, engine, region, bus } = context;
  const busName = bus.replace(/^arn:.*\//, '');
  const say = (account = 'unknown') =>
    complain(`${fleet.id} · account ${account} · ${region} · bus ${busName}`);
  if (context.account || !target) return say(context.account);
  try {
    say(accountOf((await engine.store.describe(target.secret))?.arn));
  } catch (error) {
    say(undefined);
    // a user who may not describe this secret may still have the rights that the command needs
    if (!(error instanceof RekeyError) || !hasCode(error, 'forbidden')) throw error;
  }
}

/** The account that an ARN names. */
export const accountOf = (arn: string | undefined): string | undefined =>
  /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn ?? '')?.[1];
