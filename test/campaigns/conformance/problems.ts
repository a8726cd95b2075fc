import type { ErrorObject } from 'ajv';
import { NOT_THERE } from './difference.ts';

/** The members of a JSON schema that are read by hand. */
export interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/**
 * A validator's messages without values, because these may be passwords. If none of several schemas
 * matches, only that is reported.
 */
export function problems(
  errors: readonly ErrorObject[] | null | undefined,
  where: string,
): { where: string; what: string }[] {
  const all = errors ?? [];
  const choices = all.filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf');
  const roots = all.filter(
    (error) => !choices.some((choice) => error.schemaPath.startsWith(`${choice.schemaPath}/`)),
  );
  return roots.map(({ instancePath, message, params }) => {
    const [, part = '', rest = ''] = /^\/(query|path|header|headers|requestBody)(.*)$/.exec(
      instancePath,
    ) ?? ['', '', instancePath];
    const name = part === 'requestBody' ? 'body' : part.replace(/s$/, '');
    const field = rest.replace(/\/\d+(?=\/|$)/g, '/*');
    const extra =
      typeof params.additionalProperty === 'string' ? `: ${params.additionalProperty}` : '';
    return { where: name ? `${where} ${name}` : where, what: `${field} ${message}${extra}`.trim() };
  });
}

/**
 * The paths of the fields of a value that no schema names. A schema without any fields allows all
 * of them.
 */
export function unnamed(schema: Schema | undefined, value: unknown): readonly string[] {
  const found = schema ? [...new Set(strangers(branches(schema), value, ''))] : [];
  return found.sort().map((path) => `${path} ${NOT_THERE}`);
}

/** The schema and every schema that it is composed of. */
const branches = (schema: Schema): readonly Schema[] => [
  schema,
  ...[...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(branches),
];

function strangers(schemas: readonly Schema[], value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) {
    const items = schemas.flatMap(({ items }) => (items ? branches(items) : []));
    return value.flatMap((entry) => strangers(items, entry, `${path}/*`));
  }
  if (typeof value !== 'object' || value === null) return [];
  const named = schemas.filter(({ properties }) => properties);
  const open =
    named.length === 0 || schemas.some(({ additionalProperties }) => additionalProperties);
  return Object.entries(value).flatMap(([key, entry]) => {
    const known = named.flatMap(({ properties }) =>
      properties?.[key] ? branches(properties[key]) : [],
    );
    if (known.length === 0) return open ? [] : [`${path}/${key}`];
    return strangers(known, entry, `${path}/${key}`);
  });
}
