import { hash } from 'node:crypto';
import { RekeyError } from '../errors.ts';

/*
 * The text of a staging label, at most 256 characters without a secret:
 *
 *     rekey:1:<kind>:<digest of the version id>:<field>[:<field>…]
 *
 * The number is the version of this format. Later releases read it too; a label with another number
 * is left alone. A label with the digest of another version is ignored, because a person moved it.
 */

/** The beginning of every staging label of rekey. Other labels belong to AWS or to people. */
export const PREFIX = 'rekey:1:';

/** The longest staging label that Secrets Manager accepts. */
const LONGEST = 256;

/** Stands for a field that is not set. */
export const NONE = '-';

/** Eight hex digits that identify a version in a label. */
export const digest = (version: string): string => hash('sha256', version).slice(0, 8);

/**
 * Formats the label of this kind on a version. `optional`: the index of a field that is left out if
 * the label is too long with it. Throws `bad-answer` if it does not fit and no field is optional.
 */
export function writeLabel(
  kind: string,
  version: string,
  fields: readonly string[],
  optional?: number,
): string {
  const text = (all: readonly string[]) => `${PREFIX}${[kind, digest(version), ...all].join(':')}`;
  const label = text(fields);
  if (label.length <= LONGEST) return label;
  if (optional !== undefined) return text(fields.with(optional, NONE));
  throw new RekeyError(
    'bad-answer',
    `a staging label of ${label.length} characters does not fit, ${LONGEST} are allowed: ` +
      "the credential's id is too long",
  );
}

/** The kind and the fields of a label; `undefined` if rekey did not write it on this version. */
export function splitLabel(
  label: string,
  version: string,
): { readonly kind: string; readonly fields: readonly string[] } | undefined {
  if (!label.startsWith(PREFIX)) return undefined;
  const [kind = '', of, ...fields] = label.slice(PREFIX.length).split(':');
  return of === digest(version) ? { kind, fields } : undefined;
}

/** Decodes a field that `encodeURIComponent` wrote. A malformed field is returned unchanged. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
