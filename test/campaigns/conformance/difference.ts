/**
 * A difference between the traffic and the documents, with the reason why it is right. It applies
 * to each combination of its documents, operations and sentences. The run fails on an unlisted
 * difference, and on a listed one that no longer occurs.
 */
export interface Difference {
  readonly documents: readonly string[];
  readonly operations: readonly string[];
  readonly where: string;
  readonly what: readonly string[];
  /** The reason, with its source. */
  readonly why: string;
}

export const NOT_THERE = 'is not in the document';
export const IN_NONE = 'is in no example';
export const missing = (...names: readonly string[]) =>
  names.map((name) => `must have required property '${name}'`);
export const unnamed = (...fields: readonly string[]) =>
  fields.map((field) => `/${field} ${NOT_THERE}`);
