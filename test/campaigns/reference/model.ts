/** A docstring: its text, and its tags such as `@default`. */
export interface Doc {
  readonly text: string;
  readonly tags: readonly { readonly name: string; readonly text: string }[];
}

/** A property, a method, or a constructor. */
export interface Member extends Doc {
  readonly name: string;
  readonly kind: 'property' | 'method' | 'constructor';
  readonly type: string;
  readonly optional: boolean;
}

/** A symbol that a module exports. */
export interface Exported extends Doc {
  readonly name: string;
  /** `package`: it is another package's, and is documented there. */
  readonly kind: 'class' | 'interface' | 'type' | 'function' | 'constant' | 'package';
  /** Its declaration, without its members and its body. */
  readonly signature: string;
  /** The members of a class or an interface. */
  readonly members: readonly Member[];
  /** Types of this project that the declaration names and that its module does not export. */
  readonly names: readonly string[];
}

/** Statements about what lacks a docstring or a default. */
export function gaps(page: string, exported: readonly Exported[]): readonly string[] {
  return exported.flatMap(({ name, text, members }) => [
    ...(text ? [] : [`${name} (${page}) has no docstring`]),
    ...members.flatMap((member) => {
      const where = `${name}.${member.name} (${page})`;
      const isOption = name.endsWith('Props') && member.optional;
      const hasDefault = member.tags.some((tag) => tag.name === 'default');
      return [
        ...(member.text ? [] : [`${where} has no docstring`]),
        ...(isOption && !hasDefault ? [`${where} is optional and has no @default`] : []),
      ];
    }),
  ]);
}

/** Types that a declaration names and that no module exports: users could not name them. */
export function unnamed(modules: readonly (readonly Exported[])[]): readonly string[] {
  const known = new Set(modules.flat().map(({ name }) => name));
  return modules.flatMap((module) =>
    module.flatMap(({ name, names }) =>
      names.filter((type) => !known.has(type)).map((type) => `${name} names ${type}`),
    ),
  );
}
