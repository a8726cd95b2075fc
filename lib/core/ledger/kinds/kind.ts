import { parseStamp } from '../../time.ts';
import type { Version } from '../version.ts';

/** The part of a version that one label sets. */
export type Parsed = Partial<Version>;

/** Formats and parses one kind of label. */
export interface LabelKind {
  /** Formats the fields of the label. */
  readonly write: (...values: never[]) => readonly string[];
  /**
   * Parses the fields, given what other labels made `known` of the version; returns an empty object
   * if they are malformed.
   */
  readonly read: (fields: readonly string[], known: Version) => Parsed;
  /** The index of a field that is left out if the label is too long with it. */
  readonly optional?: number;
}

/** Reads a label whose first field is a time. */
export const timed =
  (read: (at: Date, rest: readonly string[], known: Version) => Parsed): LabelKind['read'] =>
  ([first = '', ...rest], known) => {
    const at = parseStamp(first);
    return at ? read(at, rest, known) : {};
  };
