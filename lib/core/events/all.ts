import type * as z from 'zod';
import {
  type DetailType,
  envelopeSchema,
  type InboundType,
  inboundTypes,
  outbound,
  requestEnvelope,
} from './schemas.ts';

/** One kind of event on the bus, with the schema of its envelope. */
export interface EventSchema {
  readonly type: DetailType | InboundType;
  /** `event`: rekey publishes it; `request`: rekey accepts it. */
  readonly kind: 'event' | 'request';
  readonly schema: z.ZodObject;
}

/**
 * Every event that rekey publishes, then every request that it accepts. Not part of the index: the
 * functions and subscribers look up one type and need no list.
 */
export const eventSchemas = (): readonly EventSchema[] => [
  ...(Object.keys(outbound) as DetailType[]).map(
    (type) => ({ type, kind: 'event', schema: envelopeSchema(type) }) as const,
  ),
  ...inboundTypes.map(
    (type) => ({ type, kind: 'request', schema: requestEnvelope(type) }) as const,
  ),
];
