import type { Fleet } from '../core/fleet/index.ts';

/** `rekey validate`: prints a summary of a fleet file that was read without an error. */
export function validate(fleet: Fleet, file: string, print: (line: string) => void): void {
  const { length } = fleet.targets;
  print(`${file}: fleet ${fleet.id}, ${length} target${length === 1 ? '' : 's'}, valid`);
}
