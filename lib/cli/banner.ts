import { hasCode, RekeyError } from '../core/errors.ts';
import type { Target } from '../core/fleet/index.ts';
import type { Context } from './context.ts';

/**
 * The first line of a command: which fleet, account, region and bus it talks to. The account is in
 * the ARN of a secret, which every command may describe.
 */
export async function banner(
  context: Context,
  target: Target | undefined,
  complain: (line: string) => void,
): Promise<void> {
  const { fleet, engine, region, bus } = context;
  const say = (account: string | undefined) =>
    complain(
      `${fleet.id} · account ${account ?? 'unknown'} · ${region} · bus ${bus.replace(/^arn:.*\//, '')}`,
    );
  if (context.account || !target) return say(context.account);
  try {
    say(accountOf((await engine.store.describe(target.secret))?.arn));
  } catch (error) {
    say(undefined);
    // whoever may not describe this secret may be allowed what the command needs
    if (!(error instanceof RekeyError) || !hasCode(error, 'forbidden')) throw error;
  }
}

/** The account that an ARN names. */
export const accountOf = (arn: string | undefined): string | undefined =>
  /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn ?? '')?.[1];
