/**
 * Where the traffic differs from documents, and why that is right. It stands for each of its
 * documents, operations and sentences together: what is in no such entry fails the run, and so does
 * what no longer occurs.
 */
export interface Difference {
  readonly documents: readonly string[];
  readonly operations: readonly string[];
  readonly where: string;
  readonly what: readonly string[];
  /** With the source. */
  readonly why: string;
}

export const NOT_THERE = 'is not in the document';
export const IN_NONE = 'is in no example';
export const missing = (...names: readonly string[]) =>
  names.map((name) => `must have required property '${name}'`);
export const unnamed = (...fields: readonly string[]) =>
  fields.map((field) => `/${field} ${NOT_THERE}`);
