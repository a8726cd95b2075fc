import { compile } from 'json-schema-to-typescript';

/**
 * The TypeScript type of a fleet file, `FleetFile`, as the text of a module.
 *
 * @param schema the JSON Schema of the fleet file, as text
 */
export function fleetType(schema: string): Promise<string> {
  // the type would have the name of the title or the id
  const { title, $id, ...rest } = JSON.parse(schema) as { title: string; $id: string };
  return compile({ ...rest, description: `A ${title}: ${$id}` }, 'FleetFile', {
    additionalProperties: false,
    bannerComment: '// Generated from rekey.schema.json by npm run schemas.',
    // tuples of eight members are no help to a reader
    ignoreMinAndMaxItems: true,
    style: { printWidth: 100, singleQuote: true },
  });
}
