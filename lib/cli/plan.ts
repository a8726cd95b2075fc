import { sweep } from '../core/sweep/index.ts';
import { type Context, printJson } from './context.ts';
import { inWords, table, type View, view } from './view.ts';

/** `rekey plan`: shows what is due for each target, why, and when. Changes nothing. */
export async function plan(
  context: Context,
  { json }: { readonly json: boolean },
): Promise<readonly View[]> {
  const { fleet, engine, print } = context;
  const now = engine.clock.now();
  const { targets, removed } = await sweep(engine, fleet);
  const views = targets.map(({ target, snapshot }) => view(target, snapshot, now));
  const names = removed.map(({ name }) => name);
  if (json) {
    printJson(print, { fleet: fleet.id, at: now.toISOString(), targets: views, removed: names });
    return views;
  }
  const rows = views.map(({ target, state, due, reason, when, gate }) => [
    target,
    state,
    due,
    reason,
    gate ? `${inWords(when, now)} (${gate})` : inWords(when, now),
  ]);
  for (const line of table(['TARGET', 'STATE', 'DUE', 'REASON', 'WHEN'], rows)) print(line);
  for (const name of names)
    print(`note: the secret ${name} carries this fleet's tag, but is no longer a target`);
  return views;
}
