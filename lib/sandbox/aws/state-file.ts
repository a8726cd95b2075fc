import { readIfThere } from '../kept-file.ts';
import { emptyState, type State, stateSchema } from './state.ts';

/** Reads the state of an earlier run. A file that does not exist yet is an empty state. */
export function loadState(file: string | undefined): State {
  const text = file === undefined ? undefined : readIfThere(file);
  if (text === undefined) return emptyState();
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    // no `cause`: the text that failed to parse may hold secrets
    throw new Error(
      `${file} is not a state file of the embedded AWS; move it away or name another file`,
    );
  }
}
