import { sweep } from '../core/sweep.ts';
import type { Context } from './context.ts';
import { inWords, table, view } from './view.ts';

/** `rekey plan`: what would be done to each target, why, and when. Touches nothing. */
export async function plan({ fleet, engine, print }: Context, { json }: { readonly json: boolean }): Promise<void> {
  const now = engine.clock.now();
  const { targets, strangers } = await sweep(engine, fleet);
  const views = targets.map(({ target, snapshot }) => view(target, snapshot, now));
  if (json)
    return print(
      JSON.stringify(
        { fleet: fleet.id, at: now.toISOString(), targets: views, strangers: strangers.map(({ name }) => name) },
        undefined,
        2,
      ),
    );
  const rows = views.map(({ target, state, due, reason, when, gate }) => [
    target,
    state,
    due,
    reason,
    gate ? `${inWords(when, now)} (${gate})` : inWords(when, now),
  ]);
  print(table(['TARGET', 'STATE', 'DUE', 'REASON', 'WHEN'], rows));
  for (const { name } of strangers) print(`note: the secret ${name} bears this fleet's tag and is no target of it`);
}
