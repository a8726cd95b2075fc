import type { Entry } from './entries.ts';
import type { Doc, Exported, Member } from './model.ts';

/** Characters in a line of prose: test/language/docs.test.ts. */
const WIDTH = 120;

/** The Markdown page of one module. */
export function pageOf({ names, source }: Entry, exported: readonly Exported[]): string {
  const sorted = [...exported].sort((a, b) => order(a) - order(b) || (a.name < b.name ? -1 : 1));
  return `${[
    `# ${names.map((name) => `\`${name}\``).join(', ')}`,
    `<!-- Written by \`npm run reference\` from the docstrings of ${source}. -->`,
    ...sorted.flatMap(section),
  ].join('\n\n')}\n`;
}

const kinds: readonly Exported['kind'][] = [
  'class',
  'function',
  'interface',
  'type',
  'constant',
  'package',
];
const order = ({ kind }: Exported): number => kinds.indexOf(kind);

function section(exported: Exported): readonly string[] {
  const { name, kind, signature, members } = exported;
  const properties = members.filter((member) => member.kind === 'property');
  const methods = members.filter((member) => member.kind !== 'property');
  return [
    `## \`${name}\``,
    ...(kind === 'class' || kind === 'interface' ? [`\`${signature}\``] : []),
    ...(kind === 'type' || kind === 'function' || kind === 'constant' ? [code(signature)] : []),
    ...prose(exported),
    ...(properties.length > 0 ? [table(properties)] : []),
    ...methods.flatMap((method) => [
      `### \`${name}.${method.name}\``,
      code(method.type),
      ...prose(method),
    ]),
  ];
}

/**
 * A declaration with more lines, and a type with more characters, is left to the editor: the types
 * of the fleet file list every provider, and would change with each new one.
 */
const LARGEST = { lines: 30, characters: 400 };

/** A fence around a declaration; a long object type has a line for each property. */
function code(text: string): string {
  const isLong = text.length > WIDTH && text.includes(': { ');
  const lines = (
    isLong ? text.replaceAll(/(: \{|;) (?!\})/g, '$1\n  ').replace(/; \}$/, ';\n}') : text
  ).split('\n');
  const shown = lines.length > LARGEST.lines ? [...lines.slice(0, 1), '// …'] : lines;
  return ['```ts fragment', ...shown, '```'].join('\n');
}

/** The text of a docstring and its tags, as paragraphs. */
function prose({ text, tags }: Doc): readonly string[] {
  const named = tags.map((tag) => `**${titles[tag.name] ?? tag.name}:** ${tag.text}`);
  return [...text.split(/\n{2,}/), ...named].filter(Boolean).map(wrapped);
}

const titles: Readonly<Record<string, string>> = {
  default: 'Default',
  throws: 'Throws',
  returns: 'Returns',
  param: 'Parameter',
};

/** Wraps a paragraph; a list keeps its lines. */
function wrapped(text: string): string {
  if (/^[-*] /m.test(text)) return text;
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) ?? '';
    if (line && line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.join('\n');
}

function table(properties: readonly Member[]): string {
  const defaults = properties.some(({ tags }) => tags.some(({ name }) => name === 'default'));
  const head = ['property', 'type', 'meaning', ...(defaults ? ['default'] : [])];
  const rows = properties.map(({ name, type, text, tags, optional }) => [
    `\`${name}${optional ? '?' : ''}\``,
    `\`${type.length > LARGEST.characters ? '…' : type}\``,
    text,
    ...(defaults ? [tags.find((tag) => tag.name === 'default')?.text ?? ''] : []),
  ]);
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map(cell).join(' | ')} |`)
    .join('\n');
}

const cell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();
