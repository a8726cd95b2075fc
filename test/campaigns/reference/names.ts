import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import { type Checker, type Symbol as Sym, SymbolFlags } from 'typescript/unstable/sync';
import { type Declaration, isPublic, original } from './symbols.ts';

/** A type that a declaration names. */
interface Named {
  readonly type: Sym;
  /** Its own file does not export it, so only the declaration shows what it is. */
  readonly isLocal: boolean;
}

/** The types of this project that the public part of a symbol's declaration names. */
export function namedTypes(checker: Checker, symbol: Sym): readonly Named[] {
  const found = new Set<Sym>();
  const visit = (node: Node): void => {
    if (node.kind === SyntaxKind.TypeReference) {
      const { typeName } = node as Node & { readonly typeName: Node };
      const named = checker.getSymbolAtLocation(typeName);
      const type = named && original(checker, named);
      if (type && isOurs(type) && !(type.flags & SymbolFlags.TypeParameter)) found.add(type);
    }
    node.forEachChild((child) => {
      // a body and a private member promise nothing
      const { body, members } = node as Declaration;
      const isMember = members?.includes(child as Declaration);
      if (child !== body && !(isMember && !isPublic(child as Declaration))) visit(child);
    });
  };
  const declaration = symbol.declarations[0]?.resolve();
  // the value of a constant is not public, and its type says what is
  if (isOurs(symbol) && declaration && declaration.kind !== SyntaxKind.VariableDeclaration)
    visit(declaration);
  return [...found].map((type) => ({
    type,
    isLocal: !type.declarations[0]?.resolve()?.getText().startsWith('export'),
  }));
}

const isOurs = ({ declarations }: Sym): boolean => {
  const path = declarations[0]?.path ?? '';
  return path.startsWith(`${process.cwd()}/`) && !path.includes('/node_modules/');
};
