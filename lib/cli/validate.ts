import type { Fleet } from '../core/fleet/index.ts';

/** `rekey validate`: the file was read without an error, so only the good news is left to tell. */
export function validate(fleet: Fleet, file: string, print: (line: string) => void): void {
  const { length } = fleet.targets;
  print(`${file}: fleet ${fleet.id}, ${length} target${length === 1 ? '' : 's'}, nothing wrong`);
}
