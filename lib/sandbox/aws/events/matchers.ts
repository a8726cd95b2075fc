import { BlockList, isIP } from 'node:net';
import { AwsError } from '../aws-error.ts';

/** A parsed JSON object whose members are unchecked. */
export type Json = Readonly<Record<string, unknown>>;

/** True for a JSON object; false for an array and for null. */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The InvalidEventPatternException of PutRule and TestEventPattern. */
export const invalidPattern = (reason: string) =>
  new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);

/** True if a leaf of an event matches. `undefined` is a missing field. */
export type Matcher = (leaf: unknown) => boolean;

type TextTest = (text: string) => boolean;

/**
 * The matcher for one element of a pattern's list: a plain value, or an operator such as `{
 * "prefix": "eu-" }`.
 */
export function matcher(wanted: unknown, path: string): Matcher {
  if (!isObject(wanted)) {
    if (Array.isArray(wanted))
      throw invalidPattern(`a list within a list is not allowed at ${path}`);
    return (leaf) => leaf === wanted;
  }
  const [name, operand, ...more] = Object.entries(wanted).flat();
  const build =
    typeof name === 'string' && Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (!build || more.length > 0)
    throw invalidPattern(`unrecognized match type ${String(name)} at ${path}`);
  return build(operand, path);
}

const operators: Readonly<Record<string, (operand: unknown, path: string) => Matcher>> = {
  exists: (operand, path) => {
    if (typeof operand !== 'boolean')
      throw invalidPattern(`exists must be true or false at ${path}`);
    return (leaf) => (leaf !== undefined) === operand;
  },
  prefix: (operand, path) => textual(affix(operand, 'prefix', path)),
  suffix: (operand, path) => textual(affix(operand, 'suffix', path)),
  'equals-ignore-case': (operand, path) => textual(ignoringCase(operand, path)),
  wildcard: (operand, path) => textual(wildcard(operand, path)),
  cidr: (operand, path) => textual(cidr(operand, path)),
  numeric: (operand, path) => numeric(operand, path),
  'anything-but': (operand, path) => anythingBut(operand, path),
};

const textual =
  (test: TextTest): Matcher =>
  (leaf) =>
    typeof leaf === 'string' && test(leaf);

function textOf(operand: unknown, path: string): string {
  if (typeof operand !== 'string') throw invalidPattern(`a string is expected at ${path}`);
  return operand;
}

function ignoringCase(operand: unknown, path: string): TextTest {
  const wanted = textOf(operand, path).toLowerCase();
  return (text) => text.toLowerCase() === wanted;
}

function affix(operand: unknown, side: 'prefix' | 'suffix', path: string): TextTest {
  const caseless = isObject(operand) && Object.keys(operand).join() === 'equals-ignore-case';
  const wanted = textOf(caseless ? operand['equals-ignore-case'] : operand, path);
  const folded = (text: string) => (caseless ? text.toLowerCase() : text);
  const needle = folded(wanted);
  return side === 'prefix'
    ? (text) => folded(text).startsWith(needle)
    : (text) => folded(text).endsWith(needle);
}

/** `*` matches any characters. A backslash escapes `*` and a backslash. */
function wildcard(operand: unknown, path: string): TextTest {
  const parts: readonly string[] = textOf(operand, path).match(/\\[*\\]|\*|[^*\\]+|\\/g) ?? [];
  if (parts.includes('\\'))
    throw invalidPattern(`a backslash must come before * or another one at ${path}`);
  if (parts.some((part, index) => part === '*' && parts[index + 1] === '*')) {
    throw invalidPattern(`consecutive wildcard characters are not allowed at ${path}`);
  }
  const source = parts
    .map((part) =>
      part === '*' ? '.*' : RegExp.escape(part.startsWith('\\') ? part.slice(1) : part),
    )
    .join('');
  const expression = new RegExp(`^${source}$`, 's');
  return (text) => expression.test(text);
}

function cidr(operand: unknown, path: string): TextTest {
  const [address = '', bits = ''] = textOf(operand, path).split('/');
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) {
    throw invalidPattern(`malformed CIDR at ${path}`);
  }
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return (text) => isIP(text) === family && block.check(text, family === 4 ? 'ipv4' : 'ipv6');
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `["=", 5]`, `[">", 0]` or a range such as `[">", 0, "<=", 5]`. */
function numeric(operand: unknown, path: string): Matcher {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw invalidPattern(`numeric must be a list of one or two comparisons at ${path}`);
  }
  const tests = Array.from({ length: operand.length / 2 }, (_, index) => {
    const [sign, bound]: unknown[] = operand.slice(2 * index, 2 * index + 2);
    const compare =
      typeof sign === 'string' && Object.hasOwn(comparisons, sign) ? comparisons[sign] : undefined;
    if (!compare || typeof bound !== 'number')
      throw invalidPattern(`unrecognized numeric comparison at ${path}`);
    return (value: number) => compare(value, bound);
  });
  return (leaf) => typeof leaf === 'number' && tests.every((test) => test(leaf));
}

/**
 * The field must exist and hold another value: none of the listed ones, and none that the text
 * operator describes.
 */
function anythingBut(operand: unknown, path: string): Matcher {
  if (isObject(operand)) {
    const [name, inner] = Object.entries(operand).flat();
    if (
      !['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(String(name)) ||
      Object.keys(operand).length !== 1
    ) {
      throw invalidPattern(`unsupported anything-but pattern at ${path}`);
    }
    const refused = list(inner, path).map((one) => matcher({ [String(name)]: one }, path));
    return (leaf) => leaf !== undefined && !refused.some((matches) => matches(leaf));
  }
  const refused = list(operand, path);
  if (refused.some((one) => typeof one !== 'string' && typeof one !== 'number')) {
    throw invalidPattern(`anything-but takes strings and numbers at ${path}`);
  }
  return (leaf) => leaf !== undefined && !refused.includes(leaf);
}

function list(operand: unknown, path: string): unknown[] {
  const values: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0) throw invalidPattern(`empty lists are not allowed at ${path}`);
  return values;
}
