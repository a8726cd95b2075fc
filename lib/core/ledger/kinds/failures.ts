import { errorCodes } from '../../errors.ts';
import { parseStamp, stamp } from '../../time.ts';
import { NONE } from '../format.ts';
import type { Backoff, RevokeBackoff, Version } from '../version.ts';
import { type LabelKind, type Parsed, timed } from './kind.ts';

/** The kinds of labels for failures. */
export const failures = {
  /** Superseding it failed. */
  backoff: {
    write: (backoff: Backoff) => backoffFields(backoff),
    read: (fields, known) => laterBackoff('backoff', readBackoff(fields), known),
  },

  /** Revoking it failed. */
  'revoke-backoff': {
    write: ({ confirmedAt, ...backoff }: RevokeBackoff) => [
      ...backoffFields(backoff),
      confirmedAt ? stamp(confirmedAt) : NONE,
    ],
    read: (fields, known) => {
      const backoff = readBackoff(fields);
      const confirmedAt = parseStamp(fields[6] ?? '');
      const found = backoff && { ...backoff, ...(confirmedAt && { confirmedAt }) };
      return laterBackoff('revokeBackoff', found, known);
    },
  },

  /** The registry refused it, `times` times in a row. `host`: a digest of the registry's host. */
  refused: {
    write: (at: Date, times: number, host = NONE) => [stamp(at), String(times), host],
    read: timed((at, [count, host = NONE], known) => {
      const times = Number(count);
      const before = known.refused;
      const order = before ? times - before.times || Number(at) - Number(before.at) : 0;
      if (!Number.isInteger(times) || times < 1 || order < 0) return {};
      return { refused: { at, times, ...(host !== NONE && { host }) } };
    }),
  },
} as const satisfies Readonly<Record<string, LabelKind>>;

/** The fields of a failure and of its backoff. */
const backoffFields = ({
  failures,
  at,
  until,
  code,
  spec,
  untold: unannounced = NONE,
}: Backoff): readonly string[] => [
  String(failures),
  stamp(at),
  stamp(until),
  code,
  spec,
  unannounced,
];

function readBackoff(fields: readonly string[]): Backoff | undefined {
  const [count, from = '', to = '', text, spec, unannounced = NONE] = fields;
  const [failures, at, until] = [Number(count), parseStamp(from), parseStamp(to)];
  const code = errorCodes.find((known) => known === text);
  if (!Number.isInteger(failures) || failures < 1 || !at || !until || !code || !spec)
    return undefined;
  return { failures, at, until, code, spec, ...(unannounced !== NONE && { untold: unannounced }) };
}

/** The later of two labels counts; within a second, the label with more failures in a row. */
function laterBackoff(
  key: 'backoff' | 'revokeBackoff',
  found: Backoff | undefined,
  known: Version,
): Parsed {
  const before = known[key];
  const order =
    found && before ? Number(before.at) - Number(found.at) || before.failures - found.failures : -1;
  return !found || order > 0 ? {} : { [key]: found };
}
