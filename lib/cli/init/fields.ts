import { parse } from 'yaml';
import * as z from 'zod';
import type { Provider } from '../../core/provider.ts';

/** A parameter of a provider, as its schema describes it. */
export interface Field {
  readonly key: string;
  readonly required: boolean;
  readonly description: string;
  /** A value to start from, if the schema has one. */
  readonly example?: unknown;
  /** Reads the value from one line of text. */
  readonly read: (text: string) => unknown;
}

const described = z.looseObject({
  description: z.string().default(''),
  type: z.string().optional(),
  examples: z.array(z.unknown()).optional(),
});
const object = z.object({
  properties: z.record(z.string(), described),
  required: z.array(z.string()).default([]),
});

/** The parameters of a provider, the required ones first. */
export function fieldsOf({ params }: Provider): readonly Field[] {
  const schema = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' });
  const { properties, required } = object.parse(schema);
  return Object.entries(properties)
    .map(([key, { description, type, examples }]) => ({
      key,
      required: required.includes(key),
      description,
      example: examples?.[0],
      read: (text: string) => parsed(text, type),
    }))
    .sort((one, other) => Number(other.required) - Number(one.required));
}

/** Text stays text. Other values are YAML; a list may also be written as `a,b`. */
function parsed(text: string, type: string | undefined): unknown {
  if (type === undefined || type === 'string') return text;
  if (type === 'array' && !text.trim().startsWith('['))
    return text.split(',').map((item) => item.trim());
  try {
    return parse(text) as unknown;
  } catch {
    // the schema refuses it, with a better message
    return text;
  }
}
