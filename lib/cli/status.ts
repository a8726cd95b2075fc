import { sweep } from '../core/sweep/index.ts';
import { type Context, printJson, targetNamed } from './context.ts';
import { inWords, type View, view } from './view.ts';

/**
 * `rekey status [NAME]`: what lives, what is about to go, what is stuck, and whether one can roll
 * back.
 */
export async function status(
  context: Context,
  { name, json }: { readonly name?: string | undefined; readonly json: boolean },
): Promise<readonly View[]> {
  const { fleet, engine, print } = context;
  const now = engine.clock.now();
  const views = name
    ? [await one(context, name, now)]
    : (await sweep(engine, fleet)).targets.map(({ target, snapshot }) =>
        view(target, snapshot, now),
      );
  if (json) printJson(print, { fleet: fleet.id, at: now.toISOString(), targets: views });
  else
    for (const [index, found] of views.entries())
      for (const line of [...(index > 0 ? [''] : []), ...describe(found, now)]) print(line);
  return views;
}

async function one(context: Context, name: string, now: Date): Promise<View> {
  const target = targetNamed(context, name);
  return view(target, await context.engine.store.describe(target.secret), now);
}

function describe(
  { target, provider, secret, state, current, superseded, failing, rollback, ...next }: View,
  now: Date,
): string[] {
  const lines = [`${target}: ${state} (${provider}, secret ${secret})`];
  if (current)
    lines.push(
      `  current     ${current.credential}, issued ${current.issuedAt}${current.expiresAt ? `, expires ${current.expiresAt}` : ''}`,
    );
  for (const { credential, revokeAfter, disabledAt, failing: why } of superseded) {
    const fate = disabledAt
      ? `disabled ${disabledAt}`
      : `alive, revoked ${inWords(revokeAfter, now)}`;
    lines.push(`  superseded  ${credential}, ${fate}${why ? `, failing: ${why}` : ''}`);
  }
  if (failing)
    lines.push(
      `  stuck       ${failing.errorClass}, ${failing.failures} in a row, tried again ${inWords(failing.retryAt, now)}`,
    );
  lines.push(
    `  next        ${next.due} ${inWords(next.when, now)}${next.gate ? ` (${next.gate})` : ''}: ${next.message}`,
  );
  lines.push(
    rollback
      ? `  rollback    possible until ${rollback.until}: rekey rollback ${target}`
      : '  rollback    not possible: no previous credential is alive',
  );
  return lines;
}
