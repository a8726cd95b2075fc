import { invalidPattern, isObject, type Json, matcher } from './matchers.ts';

/** True if an event (parsed JSON) matches. */
export type EventPattern = (event: unknown) => boolean;

/**
 * Compiles an EventBridge event pattern. All fields of an object must match. The values in a list
 * are alternatives. `$or` takes alternatives that span fields. An array in the event matches if one
 * of its elements does.
 */
export function eventPattern(text: string): EventPattern {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw invalidPattern('it is not JSON');
  }
  if (!isObject(pattern)) throw invalidPattern('it must be an object');
  return compile(pattern, '');
}

function compile(pattern: Json, path: string): EventPattern {
  const entries = Object.entries(pattern);
  if (entries.length === 0)
    throw invalidPattern(`empty objects are not allowed${path && ` at ${path}`}`);
  const checks = entries.map(([key, value]) =>
    key === '$or' ? anyOf(value, path) : field(key, value, path),
  );
  return (event) => checks.every((check) => check(event));
}

function anyOf(alternatives: unknown, path: string): EventPattern {
  if (!Array.isArray(alternatives) || alternatives.length < 2 || !alternatives.every(isObject)) {
    throw invalidPattern(`$or must be a list of two or more objects${path && ` at ${path}`}`);
  }
  const checks = alternatives.map((alternative) => compile(alternative, path));
  return (event) => checks.some((check) => check(event));
}

function field(key: string, value: unknown, path: string): EventPattern {
  const here = path ? `${path}.${key}` : key;
  if (isObject(value)) {
    const inner = compile(value, here);
    return (event) => candidates(event, key).some(inner);
  }
  if (!Array.isArray(value) || value.length === 0)
    throw invalidPattern(`${here} must be an object or a list that is not empty`);
  const matchers = value.map((wanted) => matcher(wanted, here));
  return (event) => {
    const leaves = candidates(event, key).flatMap((found) => (isObject(found) ? [] : [found]));
    return matchers.some((matches) =>
      leaves.length === 0 ? matches(undefined) : leaves.some(matches),
    );
  };
}

/** The values of a field. An array at any depth is flattened; a missing field is `undefined`. */
function candidates(event: unknown, key: string): unknown[] {
  const found = isObject(event) && Object.hasOwn(event, key) ? event[key] : undefined;
  const values = [found].flat(Number.POSITIVE_INFINITY);
  return values.length === 0 ? [undefined] : values;
}
