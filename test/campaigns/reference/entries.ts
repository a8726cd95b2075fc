import { readFileSync } from 'node:fs';

/** A module that the package offers to its users. */
export interface Entry {
  /** Name of its page: `events`, `provider-testing`. */
  readonly page: string;
  /** The names that users import it by. */
  readonly names: readonly string[];
  /** Its source, such as `lib/cdk/index.ts`. */
  readonly source: string;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** The modules in the `exports` of a package.json: its only list of what is public. */
export function entriesOf({ name, exports }: Manifest): readonly Entry[] {
  const bySource = new Map<string, string[]>();
  for (const [path, target] of Object.entries(exports)) {
    const source = typeof target === 'object' ? target['rekey-source'] : undefined;
    if (source) bySource.set(source, [...(bySource.get(source) ?? []), path]);
  }
  return [...bySource].map(([source, paths]) => ({
    // `.` and `./cdk` are one module, and its page is named after the path that says more
    page: (paths.at(-1) ?? '').replace('./', '').replaceAll('/', '-'),
    names: paths.map((path) => path.replace('.', name)),
    source: source.replace('./', ''),
  }));
}

/** The modules of this package. */
export const entries = (): readonly Entry[] =>
  entriesOf(JSON.parse(readFileSync('package.json', 'utf8')) as Manifest);
