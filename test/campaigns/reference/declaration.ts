import { SyntaxKind } from 'typescript/unstable/ast';
import { type Checker, type Symbol as Sym, SymbolFlags } from 'typescript/unstable/sync';
import type { Doc, Exported, Member } from './model.ts';
import { type Declaration, isPublic } from './symbols.ts';

const kinds = [
  [SymbolFlags.Class, 'class'],
  [SymbolFlags.Interface, 'interface'],
  [SymbolFlags.TypeAlias, 'type'],
  [SymbolFlags.Function, 'function'],
  [SymbolFlags.Variable, 'constant'],
] as const;

/** Describes a symbol of this project. */
export function exported(checker: Checker, symbol: Sym, name: string): Exported {
  const [, kind] = kinds.find(([flag]) => symbol.flags & flag) ?? [];
  const declaration = symbol.declarations[0]?.resolve() as Declaration | undefined;
  if (!kind || !declaration)
    throw new Error(`${name} is exported, but the compiler does not find its declaration`);
  const members = (declaration.members ?? []).filter(isPublic);
  return {
    name,
    kind,
    ...docOf(checker, symbol),
    signature: signatureOf(checker, symbol, declaration, kind),
    members: members.map((member) => memberOf(checker, symbol, member)),
    names: [],
  };
}

function docOf(checker: Checker, symbol: Sym): Doc {
  // a docstring of one line may end in its default
  const [text = '', byDefault] = checker
    .getDocumentationCommentOfSymbol(symbol)
    .split(/(?:^|\s)@default\s/);
  const inline = byDefault ? [{ name: 'default', text: byDefault }] : [];
  return {
    text,
    tags: [
      ...inline,
      ...checker.getJsDocTagsOfSymbol(symbol).map(({ name, text = '' }) => ({ name, text })),
    ],
  };
}

function memberOf(checker: Checker, owner: Sym, member: Declaration): Member {
  const isConstructor = member.kind === SyntaxKind.Constructor;
  const symbol = isConstructor
    ? [...owner.getMembers().values()].find(({ flags }) => flags & SymbolFlags.Constructor)
    : member.name && checker.getSymbolAtLocation(member.name);
  if (!symbol) throw new Error(`${owner.name} has a member without a name: ${member.getText()}`);
  const isMethod =
    member.kind === SyntaxKind.MethodDeclaration || member.kind === SyntaxKind.MethodSignature;
  return {
    name: isConstructor ? 'constructor' : (member.name?.getText() ?? ''),
    kind: isConstructor ? 'constructor' : isMethod ? 'method' : 'property',
    ...docOf(checker, symbol),
    type: isConstructor || isMethod ? head(member) : typeOf(checker, symbol, member),
    optional: (symbol.flags & SymbolFlags.Optional) !== 0,
  };
}

/** The declaration without its docstring, its modifiers and its body. */
function head(declaration: Declaration): string {
  const text = declaration.getText();
  const whole = declaration.body ? text.slice(0, -declaration.body.getText().length) : text;
  return oneLine(whole.replace(/^(?:export |async |static |readonly )+/, '').replace(/;$/, ''));
}

const oneLine = (text: string): string =>
  text
    // a property inside a type has its docstring in the source only
    .replaceAll(/\/\*\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/,? ([)}\]])/g, ' $1')
    .replaceAll(/([([]) | ([)\]])/g, '$1$2')
    .trim();

function typeOf(checker: Checker, symbol: Sym, { type }: Declaration): string {
  if (type) return oneLine(type.getText());
  const found = checker.getTypeOfSymbol(symbol);
  return found ? withoutZodDetails(checker.typeToString(found, undefined, NO_TRUNCATION)) : '';
}

const NO_TRUNCATION = 1;

function signatureOf(
  checker: Checker,
  symbol: Sym,
  declaration: Declaration,
  kind: Exported['kind'],
): string {
  if (kind === 'constant') return `const ${symbol.name}: ${typeOf(checker, symbol, declaration)}`;
  if (kind === 'function') {
    const all = symbol.declarations.map((one) => one.resolve() as Declaration);
    // the implementation of overloads is not public
    return all
      .filter(({ body }) => all.length === 1 || !body)
      .map(head)
      .join('\n');
  }
  const text = declaration.getText().replace(/^export (?:abstract )?/, '');
  return kind === 'type' ? text.replace(/;$/, '') : oneLine(text.slice(0, text.indexOf('{')));
}

/** `ZodObject<{ … }>` as `ZodObject`: the JSON Schemas show the fields better. */
export function withoutZodDetails(type: string): string {
  let depth = 0;
  let from = -1;
  let kept = '';
  for (const [index, character] of [...type].entries()) {
    const opens = character === '<' && /\bZod\w+$/.test(type.slice(0, index));
    if (from < 0 && opens) [from, depth] = [index, 0];
    if (from < 0) kept += character;
    else if (character === '<') depth += 1;
    else if (character === '>' && type[index - 1] !== '=') depth -= 1;
    if (from >= 0 && depth === 0) from = -1;
  }
  return kept;
}
