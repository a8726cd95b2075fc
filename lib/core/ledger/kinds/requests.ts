import { parseStamp, stamp } from '../../time.ts';
import { decode, NONE } from '../format.ts';
import type { Confirmation, Report, Request, Version } from '../version.ts';
import { type LabelKind, type Parsed, timed } from './kind.ts';

/** The kinds of labels for requests. The correlation id is left out if there is no room for it. */
export const requests = {
  /** A person asked for a rotation. `held`: what it waits for, as was announced. */
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

  /** All that was issued until `at` is compromised. The whole report: what is left out is lost. */
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

  /** A person asked for a rollback to this version. */
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

/** A note before it is written: all of it may be undefined, but for these. */
type Written<Note, Needed extends keyof Note> = Pick<Note, Needed> & {
  readonly [Key in keyof Note]?: Note[Key] | undefined;
};

/** Who asked, and what the request waits for. */
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

/** Says if a report was confirmed; no field if it needs no confirmation. */
function confirmationField(confirmation: Confirmation | undefined): readonly string[] {
  if (!confirmation) return [];
  return [typeof confirmation === 'string' ? confirmation : stamp(confirmation)];
}

const readConfirmation = (text = ''): Confirmation | undefined =>
  text === 'awaited' || text === 'awaited-untold' ? text : parseStamp(text);

/** The later of two requests counts; of two labels of one request, the one written later. */
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
