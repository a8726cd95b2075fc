import { createHash } from 'node:crypto';
import { stamp } from '../time.ts';
import { uuidv5 } from './uuid.ts';

/**
 * The label that a credential has at its provider, in its name, comment or description:
 *
 *     rekey-<fleet>-<secret, 12 hex digits>-<version id, 32 hex digits>
 *
 * It has at most 63 characters of [a-z0-9-]. It is derived from the version, and so it is known
 * before the provider is called: rekey can find a credential again after a crash. It contains a
 * digest of the secret's ARN: a second deployment of the same fleet file, in another account or
 * region, has other labels, and neither takes the other's credentials for orphans.
 */
export const formatLabel = (fleet: string, secretArn: string, version: string): string =>
  `${labelPrefix(fleet, secretArn)}${version.replaceAll('-', '')}`;

/**
 * The prefix of the labels of all credentials of a fleet; also of a fleet whose id begins with this
 * id and a hyphen.
 */
export const fleetLabelPrefix = (fleet: string): string => `rekey-${fleet}-`;

/** The prefix of the labels of all credentials of one secret. */
export const labelPrefix = (fleet: string, secretArn: string): string =>
  `${fleetLabelPrefix(fleet)}${createHash('sha256').update(secretArn).digest('hex').slice(0, 12)}-`;

/** The version id in a label with this prefix; `undefined` if the label is foreign. */
export function labeledVersion(label: string, prefix: string): string | undefined {
  if (!label.startsWith(prefix)) return undefined;
  const digits = label.slice(prefix.length);
  if (!/^[0-9a-f]{32}$/.test(digits)) return undefined;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/**
 * The id of the version that follows `version`. It is derived, not random: a retry after a crash,
 * or another worker at the same moment, computes the same id. `attempt` counts the ids that are
 * used up.
 */
export const successor = (secretArn: string, version: string, attempt: number): string =>
  uuidv5(['successor', secretArn, version, String(attempt)]);

/** Attempts that another worker, with an older or newer view, may make at the same time. */
const AHEAD = 20;

/**
 * The ids of the next attempts to supersede a version, in order, after `failures` failed attempts.
 */
export const successors = (secretArn: string, version: string, failures = 0): ReadonlySet<string> =>
  new Set(
    Array.from({ length: AHEAD }, (_, ahead) => successor(secretArn, version, failures + ahead)),
  );

const ROLLBACK = 'b';

/** Names one promotion: of `candidate`, over the version `base`, begun at `since`. */
export const promotionId = (
  kind: 'rotation' | 'rollback',
  base: string,
  candidate: string,
  since: Date,
): string =>
  `${kind === 'rollback' ? ROLLBACK : 'r'}${createHash('sha256')
    .update(`${base}/${candidate}/${stamp(since)}`)
    .digest('hex')
    .slice(0, 8)}`;

/** True for a promotion id that belongs to a rollback: its first letter records the kind. */
export const isRollback = (promotion: string): boolean => promotion.startsWith(ROLLBACK);
