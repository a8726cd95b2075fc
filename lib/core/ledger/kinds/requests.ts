import { parseStamp, stamp } from '../../time.ts';
import { decode, NONE } from '../format.ts';
import type { Confirmation, Report, Request, Version } from '../version.ts';
import { type LabelKind, type Parsed, timed } from './kind.ts';

/** The kinds of labels for requests. The correlation id is left out if there is no room for it. */
export const requests = {
  /** A person requested a rotation. `held`: the gate that it waits for, as announced. */
  requested: {
    write: (at: Date, correlationId?: string, held?: string) => [
      stamp(at),
      ...requestFields({ correlationId, held }),
    ],
    read: timed((at, rest, known) =>
      laterRequest('requested', { at, ...readRequest(rest) }, known),
    ),
    optional: 1,
  },

  /**
   * Every credential issued until `at` is compromised. Pass the whole report: omitted fields are
   * lost.
   */
  compromised: {
    write: ({ at, first = at, confirmation, ...request }: Written<Report, 'at'>) => [
      stamp(at),
      stamp(first),
      ...requestFields(request),
      ...confirmationField(confirmation),
    ],
    read: timed((at, [first = '', ...rest], known) => {
      const confirmation = readConfirmation(rest[2]);
      const report = { at, first: parseStamp(first) ?? at, ...readRequest(rest) };
      return laterRequest('reported', { ...report, ...(confirmation && { confirmation }) }, known);
    }),
    optional: 2,
  },

  /** A person requested a rollback from this version to version `to`. */
  rollback: {
    write: (at: Date, to: string, correlationId?: string) => [
      stamp(at),
      to,
      ...requestFields({ correlationId }),
    ],
    read: timed((at, [to, ...rest], known) =>
      to ? laterRequest('rollback', { at, to, ...readRequest(rest) }, known) : {},
    ),
    optional: 2,
  },
} as const satisfies Readonly<Record<string, LabelKind>>;

/** A note before it is written: its fields may be undefined, except `Needed`. */
type Written<Note, Needed extends keyof Note> = Pick<Note, Needed> & {
  readonly [Key in keyof Note]?: Note[Key] | undefined;
};

/** The requester's correlation id, and the gate that the request waits for. */
const requestFields = ({
  correlationId,
  held,
}: {
  readonly correlationId?: string | undefined;
  readonly held?: string | undefined;
}): readonly string[] => [
  correlationId ? encodeURIComponent(correlationId.toWellFormed()) : NONE,
  held || NONE,
];

function readRequest([encoded = NONE, held = NONE]: readonly string[]): Omit<Request, 'at'> {
  const correlationId = encoded === NONE ? '' : decode(encoded);
  return {
    ...(correlationId && { correlationId }),
    ...(held && held !== NONE && { held }),
  };
}

/** The confirmation of a report; no field if it needs none. */
function confirmationField(confirmation: Confirmation | undefined): readonly string[] {
  if (!confirmation) return [];
  return [typeof confirmation === 'string' ? confirmation : stamp(confirmation)];
}

const readConfirmation = (text = ''): Confirmation | undefined =>
  text === 'awaited' || text === 'awaited-untold' ? text : parseStamp(text);

/** The later of two requests counts; of two labels of one request, the later label. */
function laterRequest<Key extends 'requested' | 'reported' | 'rollback'>(
  key: Key,
  found: NonNullable<Version[Key]>,
  known: Version,
): Parsed {
  const before = known[key];
  const newer =
    !before ||
    found.at > before.at ||
    (Number(found.at) === Number(before.at) && progress(found) >= progress(before));
  return newer ? { [key]: found } : {};
}

/** How far a request has come: its label is written again with each step. */
const progress = ({
  held,
  confirmation,
}: Request & { readonly confirmation?: Confirmation }): number =>
  (held ? 1 : 0) +
  2 * [undefined, 'awaited-untold', 'awaited'].indexOf(confirmation as string) +
  (confirmation instanceof Date ? 8 : 0);
