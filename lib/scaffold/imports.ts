import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The files behind the package's exports for authors of providers. */
const kits: Readonly<Record<string, string>> = {
  'cdk-rekey/provider': 'lib/kit/provider.ts',
  'cdk-rekey/provider/testing': 'lib/kit/testing/index.ts',
};

interface Move {
  /** Path of the template. */
  readonly from: string;
  /** Path of the new file. */
  readonly to: string;
  /** New paths of the templates, by their own. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * The text of a template with its imports rewritten for the new path. A template imports this
 * package as a user's repository does; a provider in here imports the files themselves.
 */
export function withImports(root: string, text: string, { from, to, files }: Move): string {
  /** The specifier of a file, in quotes. */
  const path = (file: string): string => {
    const found = relative(dirname(to), file).replaceAll('\\', '/');
    return found.startsWith('.') ? `'${found}'` : `'./${found}'`;
  };
  return text
    .replace(/(?<= from )'(\.[^']+)'/g, (_, specifier: string) => {
      const file = join(dirname(from), specifier).replaceAll('\\', '/');
      return path(files.get(file) ?? file);
    })
    .replace(/^import \{([^}]*)\} from\s'(cdk-rekey[^']*)';/gm, (_, names: string, kit: string) =>
      [...byFile(names, originsOf(root, kits[kit] ?? ''))]
        .map(([file, list]) => `import { ${list.join(', ')} } from ${path(file)};`)
        .join('\n'),
    );
}

const split = (names: string): string[] =>
  names.split(',').flatMap((name) => (name.trim() ? [name.trim()] : []));

const plain = (name: string): string => name.replace(/^type /, '');

/** The file that each name of a kit comes from; its own parts are imported from the kit. */
function originsOf(root: string, kit: string): ReadonlyMap<string, string> {
  const exported = /^export (?:type )?\{([^}]*)\} from\s'([^']+)';/gm;
  const entries = [...readFileSync(join(root, kit), 'utf8').matchAll(exported)].flatMap(
    ([, names = '', specifier = '']) => {
      const file = join(dirname(kit), specifier).replaceAll('\\', '/');
      return split(names).map(
        (name) => [plain(name), specifier.startsWith('./') ? kit : file] as const,
      );
    },
  );
  return new Map(entries);
}

function byFile(
  names: string,
  origins: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(split(names), (name) => origins.get(plain(name)) ?? '');
}
