import type { Node } from 'typescript/unstable/ast';
import { type Checker, type Symbol as Sym, SymbolFlags } from 'typescript/unstable/sync';

/** A declaration, as far as the reference reads one. */
export interface Declaration extends Node {
  readonly name?: Node;
  readonly type?: Node;
  readonly body?: Node;
  readonly members?: readonly Declaration[];
}

/** The symbol that an import or a re-export stands for. */
export const original = (checker: Checker, symbol: Sym): Sym =>
  symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/**
 * False for a member that users cannot call, or may not: it is private, internal, or the hook of a
 * protocol (`[Symbol.toPrimitive]`).
 */
export function isPublic(member: Declaration): boolean {
  const text = member.getText();
  const docs = member.getFullText().slice(0, -text.length);
  return !/^(?:private |protected |(?:readonly )?[#[])/.test(text) && !docs.includes('@internal');
}
