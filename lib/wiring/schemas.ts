import * as z from 'zod';
import { eventSchemas } from '../core/events/all.ts';
import { exceptions, properties } from '../core/events/descriptions.ts';
import { schemaVersion } from '../core/events/index.ts';
import { fileSchema, type Providers } from '../core/fleet/index.ts';
import { providers } from '../providers/index.ts';
import { version } from './version.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** One JSON Schema, and its entry in schema/index.json. */
interface Schema {
  readonly title: string;
  readonly kind: 'fleet' | 'event' | 'request';
  /** Relative to schema/. */
  readonly file: string;
  readonly $id: string;
  readonly schema: JsonSchema;
}

const major = (text: string): string => text.split('.')[0] ?? '';

/**
 * The JSON Schemas, keyed by their path under schema/: the fleet file for editors, the events for
 * subscribers, and a list of all of them.
 */
export function schemas(): Readonly<Record<string, string>> {
  const all = [fleetSchema(providers), ...events()];
  const list = all.map(({ title, kind, file, $id }) => ({ title, kind, file, $id }));
  return {
    'index.json': json({ schemas: list }),
    ...Object.fromEntries(
      all.map(({ title, file, $id, schema }) => [file, json({ $id, title, ...schema })]),
    ),
  };
}

/**
 * The JSON Schema of a fleet file with these providers, as text. Only that of rekey's own providers
 * has an `$id`.
 */
export function fleetFileSchema(known: Providers): string {
  const { title, $id, schema } = fleetSchema(known);
  return json({ ...(known === providers && { $id }), title, ...schema });
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

const fleetSchema = (known: Providers): Schema => ({
  title: 'rekey fleet file',
  kind: 'fleet',
  file: 'rekey.schema.json',
  $id: `https://unpkg.com/cdk-rekey@${major(version)}/schema/rekey.schema.json`,
  schema: z.toJSONSchema(fileSchema(known), { io: 'input', unrepresentable: 'any' }),
});

function events(): readonly Schema[] {
  return eventSchemas().map(({ type, kind, schema }) => {
    const name = `${type.toLowerCase().replaceAll(' ', '-')}.schema.json`;
    const file = `events/${major(schemaVersion)}/${name}`;
    const $id = `https://unpkg.com/cdk-rekey/schema/${file}`;
    // allows unknown fields, because later minor versions add some
    return { title: type, kind, file, $id, schema: described(schema.toJSONSchema(tolerant), type) };
  });
}

const tolerant = { io: 'input' } as const;

/** Adds the description of each property. Throws if a property has none. */
function described(schema: JsonSchema, type: string, above = ''): JsonSchema {
  const { properties: own, items } = schema;
  return {
    ...schema,
    ...(items && typeof items === 'object' && !Array.isArray(items)
      ? { items: described(items as JsonSchema, type, above) }
      : {}),
    ...(own && {
      properties: Object.fromEntries(
        Object.entries(own).map(([name, property]) => {
          const path = above ? `${above}.${name}` : name;
          const description = textOf(type, path, name);
          return [name, { description, ...described(property as JsonSchema, type, path) }];
        }),
      ),
    }),
  };
}

function textOf(type: string, path: string, name: string): string {
  const text = exceptions[`${type}/${path}`] ?? exceptions[path] ?? properties[name];
  if (text) return text;
  throw new Error(
    `${path} of ${type} has no description; add it to lib/core/events/descriptions.ts`,
  );
}
