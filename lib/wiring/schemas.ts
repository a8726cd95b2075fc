import * as z from 'zod';
import {
  type DetailType,
  envelopeSchema,
  inboundTypes,
  outbound,
  requestEnvelope,
} from '../core/events/index.ts';
import { fileSchema, type Providers } from '../core/fleet/index.ts';
import { providers } from '../providers/index.ts';

/**
 * The JSON Schemas, keyed by their path under schema/: the fleet file for editors, the events for
 * subscribers.
 */
export function schemas(): Readonly<Record<string, string>> {
  const files: Record<string, z.core.JSONSchema.BaseSchema> = {
    'rekey.schema.json': fleetFile(providers),
  };
  for (const type of Object.keys(outbound) as DetailType[]) {
    files[`events/${fileName(type)}`] = {
      title: type,
      ...z.toJSONSchema(envelopeSchema(type), tolerant),
    };
  }
  for (const type of inboundTypes) {
    files[`events/${fileName(type)}`] = {
      title: type,
      ...z.toJSONSchema(requestEnvelope(type), tolerant),
    };
  }
  return Object.fromEntries(
    Object.entries(files).map(([file, schema]) => [
      file,
      `${JSON.stringify(schema, undefined, 2)}\n`,
    ]),
  );
}

/** The JSON Schema of a fleet file with these providers, as text. */
export const fleetFileSchema = (known: Providers): string =>
  `${JSON.stringify(fleetFile(known), undefined, 2)}\n`;

const fleetFile = (known: Providers) => ({
  title: 'rekey fleet file',
  ...z.toJSONSchema(fileSchema(known), { io: 'input', unrepresentable: 'any' }),
});

const fileName = (type: string): string => `${type.toLowerCase().replaceAll(' ', '-')}.schema.json`;

/** Allows unknown fields, because later minor versions add some. */
const tolerant = { io: 'input' } as const;
