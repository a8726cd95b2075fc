import { sweep } from '../core/sweep/index.ts';
import { type Context, printJson, targetNamed } from './context.ts';
import { inWords, type View, view } from './view.ts';

/**
 * `rekey status [NAME]`: shows live credentials, their ends, failures, and possible rollbacks.
 * Changes nothing.
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
  if (current) {
    const expiry = current.expiresAt ? `, expires ${current.expiresAt}` : '';
    lines.push(`  current     ${current.credential}, issued ${current.issuedAt}${expiry}`);
  }
  for (const { credential, revokeAfter, disabledAt, failing: why } of superseded) {
    const fate = disabledAt
      ? `disabled ${disabledAt}`
      : `alive, revoked ${inWords(revokeAfter, now)}`;
    lines.push(`  superseded  ${credential}, ${fate}${why ? `, failing: ${why}` : ''}`);
  }
  if (failing) {
    const { errorClass, failures, retryAt } = failing;
    const retry = `next try ${inWords(retryAt, now)}`;
    lines.push(`  stuck       ${errorClass}, ${failures} in a row, ${retry}`);
  }
  const gate = next.gate ? ` (${next.gate})` : '';
  lines.push(`  next        ${next.due} ${inWords(next.when, now)}${gate}: ${next.message}`);
  lines.push(
    rollback
      ? `  rollback    possible until ${rollback.until}: rekey rollback ${target}`
      : '  rollback    not possible: no previous credential is alive',
  );
  return lines;
}
