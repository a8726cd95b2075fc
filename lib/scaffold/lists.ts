import type { Names } from './names.ts';

/** Adds a provider to the text of a list, unless the list has it. */
type Add = (text: string, names: Names) => string;

const quoted = ({ name }: Names): string => (name.includes('-') ? `'${name}'` : name);

const entry = (names: Names, value: string): string =>
  quoted(names) === value ? `  ${value},` : `  ${quoted(names)}: ${value},`;

/** The lists of providers, by file. The formatter sorts imports. */
export const lists: Readonly<Record<string, Add>> = {
  'lib/providers/index.ts': (text, names) => {
    const { name, constant } = names;
    const all = imported(text, constant, `./${name}.ts`);
    return added(all, /^ {2}'?([a-z][a-z0-9-]*)'?(?:: \w+)?,$/, entry(names, constant));
  },
  'lib/sandbox/vendors/index.ts': (text, names) => {
    const create = `createSimulated${names.type}`;
    const all = imported(text, create, `./${names.name}/index.ts`);
    return added(all, /^ {2}'?([a-z][a-z0-9-]*)'?: create\w+,$/, entry(names, create));
  },
  'README.md': (text, { name, title }) =>
    added(
      text,
      /^\| \[`(.*)`\]\(docs\/providers\//,
      `| [\`${name}\`](docs/providers/${name}.md) | ${title} tokens |`,
    ),
  'docs/README.md': (text, { name, title }) =>
    added(text, /\(providers\/(.*)\.md\)$/, `* [${title} (\`${name}\`)](providers/${name}.md)`),
  'examples/fleet.yaml': (text, { name }) =>
    text.includes(`provider: ${name}\n`) ? text : `${text.trimEnd()}\n\n${target(name)}`,
};

const target = (name: string): string => `  - name: ${name}
    provider: ${name}
    admin: rekey/admin/${name} # {"token": "..."}
    params:
      projectId: 5d3c6a0e-7f41-4b58-9a0d-2c8f1e6b4a97
`;

function imported(text: string, what: string, file: string): string {
  const from = `'${file}'`;
  return text.includes(from) ? text : `import { ${what} } from ${from};\n${text}`;
}

/** Adds a line to those that match the pattern, sorted by the group that it captures. */
function added(text: string, pattern: RegExp, line: string): string {
  const lines = text.split('\n');
  const keyOf = (one: string): string | undefined => pattern.exec(one)?.[1];
  const key = keyOf(line) ?? '';
  const keyed = lines.flatMap((one, at) => {
    const found = keyOf(one);
    return found === undefined ? [] : [{ found, at }];
  });
  const [first] = keyed;
  if (!first) throw new Error(`there is no list for "${line.trim()}"`);
  if (keyed.some(({ found }) => found === key)) return text;
  // if an entry has two lines, the second has the key
  const previous = keyed.findLast(({ found }) => found < key);
  lines.splice(previous ? previous.at + 1 : first.at, 0, line);
  return lines.join('\n');
}
