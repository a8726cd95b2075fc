import type { DetailType } from '../../../lib/core/events/index.ts';
import { meaning } from '../../support/meaning.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

/** An event in the form that a consumer sees. */
export interface Told {
  readonly type: DetailType | (string & {});
  readonly id: string;
  /** The time at which rekey published it. */
  readonly at: Date;
  readonly target: string;
  readonly secretArn: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Envelope {
  readonly id: string;
  readonly 'detail-type': string;
  readonly detail: {
    readonly metadata: { readonly id: string; readonly time: string; readonly target: string };
    readonly data: { readonly secretArn: string } & Readonly<Record<string, unknown>>;
  };
}

export type Journal = ReturnType<typeof createJournal>;

/** All events of a history from its beginning. The bus remembers only the latest thousand. */
export function createJournal({ aws }: Pick<World, 'aws'>) {
  const all: Told[] = [];
  const meanings = new Map<string, string>();
  let last: string | undefined;

  /** An id is one transition: a consumer that drops repeats must lose nothing. */
  function meansTheSame(event: Told): void {
    const means = meaning(event);
    const before = meanings.get(event.id) ?? means;
    if (before !== means) throw new Violation(`one event id, two meanings: ${before} and ${means}`);
    meanings.set(event.id, means);
  }

  return {
    /** Records the events published since the last call, and returns them. */
    read(): readonly Told[] {
      const recorded = aws.events.recorded('default') as unknown as readonly Envelope[];
      const fresh = recorded.slice(recorded.findLastIndex(({ id }) => id === last) + 1).map(told);
      last = recorded.at(-1)?.id ?? last;
      all.push(...fresh);
      for (const event of fresh) meansTheSame(event);
      return fresh;
    },
    all: (): readonly Told[] => all,
    /** Events of one target since a moment. */
    since: (target: string, at: Date, ...types: readonly string[]): readonly Told[] =>
      all.filter(
        (event) =>
          event.target === target &&
          event.at >= at &&
          (types.length === 0 || types.includes(event.type)),
      ),
    /** Number of different ids of events about a version. */
    ids: (version: string, ...types: readonly string[]): number =>
      new Set(
        all
          .filter(({ type, data }) => types.includes(type) && data.versionId === version)
          .map(({ id }) => id),
      ).size,
  };
}

function told({ 'detail-type': type, detail: { metadata, data } }: Envelope): Told {
  const { id, time, target } = metadata;
  return { type, id, at: new Date(time), target, secretArn: data.secretArn, data };
}
