import { resolve } from 'node:path';
import { API, type Project, type Symbol as Sym, SymbolFlags } from 'typescript/unstable/sync';
import { exported } from './declaration.ts';
import type { Exported } from './model.ts';
import { namedTypes } from './names.ts';
import { original } from './symbols.ts';

/** Describes the exports of each of these sources, read with the project's own compiler. */
export function read(sources: readonly string[]): readonly (readonly Exported[])[] {
  // the whole project takes three times as long
  const config = resolve('tsconfig.reference.json');
  const text = JSON.stringify({ extends: './tsconfig.json', include: [], files: sources });
  const api = new API({
    fs: {
      readFile: (file) => (file === config ? text : undefined),
      fileExists: (file) => (file === config ? true : undefined),
    },
  });
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (!project) throw new Error('the compiler did not open the sources');
    return sources.map((source) => exportsOf(project, resolve(source)));
  } finally {
    api.close();
  }
}

function exportsOf({ checker, program }: Project, source: string): readonly Exported[] {
  const file = program.getSourceFile(source);
  const module = file && checker.getSymbolAtLocation(file);
  if (!module) throw new Error(`${source} is not a module`);
  const all = new Map<Sym, Exported>();
  const add = (inside: Sym, prefix: string): void => {
    for (const symbol of checker.getExportsOfModule(inside)) {
      const target = original(checker, symbol);
      const name = `${prefix}${symbol.name}`;
      const theirs = foreign(name, target);
      if (theirs) all.set(target, theirs);
      else if (target.flags & SymbolFlags.ValueModule) add(target, `${name}.`);
      else all.set(target, exported(checker, target, name));
    }
  };
  add(module, '');
  // grows while it is read: a local type may name others
  for (const [symbol] of all)
    for (const { type, isLocal } of namedTypes(checker, symbol))
      if (isLocal && !all.has(type)) all.set(type, exported(checker, type, type.name));
  return [...all].map(([symbol, found]) => ({
    ...found,
    names: namedTypes(checker, symbol).flatMap(({ type }) => (all.has(type) ? [] : [type.name])),
  }));
}

/** A symbol of another package, which has a reference of its own. */
function foreign(name: string, { declarations }: Sym): Exported | undefined {
  const [, owner] =
    /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(declarations[0]?.path ?? '') ?? [];
  if (!owner) return undefined;
  const text = `From the package \`${owner}\`.`;
  return { name, kind: 'package', text, tags: [], signature: owner, members: [], names: [] };
}
