/** A part of a transition. The event of a failure names it. */
export type Stage =
  | 'check'
  | 'prepare'
  | 'find'
  | 'issue'
  | 'store'
  | 'verify'
  | 'promote'
  | 'announce'
  | 'revoke'
  | 'prove';

/** The stage in which each error was thrown. */
const stages = new WeakMap<object, Stage>();

/** Does the work of one stage. An error keeps the stage of the innermost work that threw it. */
export async function during<Result>(stage: Stage, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Object && !stages.has(error)) stages.set(error, stage);
    throw error;
  }
}

/** The stage that threw an error, or its cause; `prepare` if no stage did. */
export function stageOf(error: Error): Stage {
  const [own, cause] = [error, error.cause].map((one) =>
    one instanceof Object ? stages.get(one) : undefined,
  );
  return own ?? cause ?? 'prepare';
}
