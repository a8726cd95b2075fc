/** The forms of a provider's name in its files. */
export interface Names {
  /** In a fleet file and in paths: `acme-registry`. */
  readonly name: string;
  /** `acmeRegistry`. */
  readonly constant: string;
  /** `AcmeRegistry`. */
  readonly type: string;
  /** `Acme Registry`. */
  readonly title: string;
}

/** The name in the templates. Its forms all differ, so each can be replaced. */
export const TEMPLATE = namesOf('acme-registry');

/** Other files and folders of lib/providers, and reserved words of TypeScript. */
const reserved = new Set(
  (
    'client common index ' +
    'await break case catch class const continue debugger default delete do else enum export ' +
    'extends false finally for function if implements import in instanceof interface let new ' +
    'null package private protected public return static super switch this throw true try ' +
    'typeof var void while with yield'
  ).split(' '),
);

/** Throws an error with the expected form unless the name is valid and free. */
export function checkName(name: string | undefined): asserts name is string {
  const form = 'a-z, 0-9 and single - inside, beginning with a letter, at most 40 characters';
  if (!name || !/^(?=.{1,40}$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name))
    throw new Error(`expected the name of a provider: ${form}, such as acme-registry`);
  if (reserved.has(name)) throw new Error(`${name} is reserved; choose another name`);
}

/** The forms of a name such as `acme-registry`. */
export function namesOf(name: string): Names {
  const words = name.split('-').map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`);
  const type = words.join('');
  return {
    name,
    constant: `${type[0]?.toLowerCase()}${type.slice(1)}`,
    type,
    title: words.join(' '),
  };
}

/** The text of a template with another name in place of the template's. */
export const renamed = (text: string, names: Names): string =>
  (['name', 'constant', 'type', 'title'] as const).reduce(
    (now, form) => now.replaceAll(TEMPLATE[form], names[form]),
    text,
  );
