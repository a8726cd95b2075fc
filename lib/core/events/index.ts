import * as z from 'zod';
import { uuidv5 } from '../ids/uuid.ts';
import {
  type DetailType,
  type EventData,
  envelopeSchema,
  outbound,
  schemaVersion,
} from './schemas.ts';

export * from './schemas.ts';

/** An event, ready for PutEvents. */
export interface RekeyEvent<Type extends DetailType = DetailType> {
  /** The `source` on the bus. */
  readonly source: 'rekey';
  /** The `detail-type` on the bus. */
  readonly detailType: Type;
  /** When the event is made. */
  readonly time: Date;
  /** The ARN of the secret. */
  readonly resources: readonly string[];
  /** The fields of every event, and those of this type. */
  readonly detail: {
    readonly metadata: {
      readonly id: string;
      readonly schemaVersion: string;
      readonly time: string;
      readonly fleet: string;
      readonly target: string;
      readonly correlationId: string;
    };
    readonly data: EventData<Type>;
  };
}

/**
 * The metadata that all events of one run on a target share. A repeated announcement has a later
 * `time`.
 */
export interface EventContext {
  /** Id of the fleet. */
  readonly fleet: string;
  /** Name of the target. */
  readonly target: string;
  /** When the event is made. */
  readonly time: Date;
  /** The same for all events of one run. */
  readonly correlationId: string;
}

/**
 * Makes an event. The event's id is derived from its type, its secret and `transition`, which names
 * the transition that it announces: a version id, for example. Fields that the schema does not list
 * are dropped.
 */
export function event<Type extends DetailType>(
  detailType: Type,
  transition: string,
  { fleet, target, time, correlationId }: EventContext,
  data: EventData<Type>,
): RekeyEvent<Type> {
  const id = uuidv5(['event', detailType, data.secretArn, transition]);
  return {
    source: 'rekey',
    detailType,
    time,
    resources: [data.secretArn],
    detail: {
      metadata: { id, schemaVersion, time: time.toISOString(), fleet, target, correlationId },
      data: outbound[detailType].parse(data) as EventData<Type>,
    },
  };
}

/** Any event of rekey as EventBridge delivers it: `detail-type` determines the type of `detail`. */
export type Envelope = {
  [Type in DetailType]: z.infer<ReturnType<typeof envelopeSchema<Type>>>;
}[DetailType];

const detailTypes = Object.keys(outbound) as [DetailType, ...DetailType[]];
const anyOfOurs = z.object({ source: z.literal('rekey'), 'detail-type': z.enum(detailTypes) });

/**
 * For subscribers: the event in an EventBridge envelope, typed by its `detail-type`; `undefined` if
 * the event is foreign or its type is unknown to this version. Throws a ZodError if source and type
 * are rekey's and the rest does not match.
 */
export function parseEvent(envelope: unknown): Envelope | undefined {
  const known = anyOfOurs.safeParse(envelope);
  return known.success
    ? (envelopeSchema(known.data['detail-type']).parse(envelope) as Envelope)
    : undefined;
}
