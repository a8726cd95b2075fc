import { globSync, readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { exceptions, properties } from '../lib/core/events/descriptions.ts';
import { parseFleet } from '../lib/core/fleet/index.ts';
import { fleetType } from '../lib/packaging/fleet-type.ts';
import { providers } from '../lib/providers/index.ts';
import { schemas } from '../lib/wiring/schemas.ts';

test('schema/ is up to date with `npm run schemas`', () => {
  const written = Object.fromEntries(
    globSync('schema/**/*.json').map((file) => [
      file.replaceAll('\\', '/').replace('schema/', ''),
      readFileSync(file, 'utf8'),
    ]),
  );
  expect(written).toEqual(schemas());
});

test('the type of a fleet is up to date with `npm run schemas`', async () => {
  const type = await fleetType(readFileSync('schema/rekey.schema.json', 'utf8'));
  expect(readFileSync('schema/fleet.ts', 'utf8')).toBe(type);
});

test('the fleet schema accepts the example, and refuses what rekey refuses', () => {
  const schema = z.fromJSONSchema(JSON.parse(readFileSync('schema/rekey.schema.json', 'utf8')));
  const example = parse(readFileSync('examples/fleet.yaml', 'utf8')) as {
    targets: Record<string, unknown>[];
  };
  expect(schema.safeParse(example).error).toBeUndefined();
  expect(parseFleet(example, providers).issues).toEqual([]);
  for (const wrong of [
    { ...example, extra: 1 },
    { ...example, targets: {} },
    { ...example, targets: [{ ...example.targets[0], interval: 'soon' }] },
  ]) {
    expect(schema.safeParse(wrong).success).toBe(false);
    expect(parseFleet(wrong, providers).issues).not.toEqual([]);
  }
});

describe('the JSON Schemas as a set', () => {
  const written = schemas();
  const { schemas: list } = JSON.parse(written['index.json'] ?? '') as {
    readonly schemas: readonly Readonly<Record<'title' | 'kind' | 'file' | '$id', string>>[];
  };

  test('schema/index.json lists each schema with its $id', () => {
    expect(list.map(({ file }) => file).sort()).toEqual(
      Object.keys(written)
        .filter((file) => file !== 'index.json')
        .sort(),
    );
    for (const { file, title, $id } of list) {
      expect(JSON.parse(written[file] ?? '')).toMatchObject({ $id, title });
      expect($id.endsWith(`/schema/${file}`), `the $id of ${file} names another file`).toBe(true);
    }
    expect(new Set(list.map(({ $id }) => $id)).size).toBe(list.length);
  });

  // an $id is a promise to subscribers: only a new major version of the event schemas changes it
  test('the $id of a rotation is frozen', () => {
    expect(list.map(({ $id }) => $id)).toContain(
      'https://unpkg.com/cdk-rekey/schema/events/1/credential-rotated.schema.json',
    );
  });

  test.each(readdirSync('test/fixtures/events/1.0'))(
    'a validator finds the schema of the frozen event %s by its $id',
    (fixture) => {
      const ajv = addFormats.default(new Ajv2020({ strict: false }));
      for (const { file } of list) ajv.addSchema(JSON.parse(written[file] ?? '') as object);
      const event = JSON.parse(readFileSync(`test/fixtures/events/1.0/${fixture}`, 'utf8')) as {
        readonly 'detail-type': string;
        readonly detail: object;
      };
      const { $id = '' } = list.find(({ title }) => title === event['detail-type']) ?? {};
      expect(ajv.validate($id, event), ajv.errorsText()).toBe(true);
      expect(ajv.validate($id, { ...event, detail: { ...event.detail, data: {} } })).toBe(
        event['detail-type'].endsWith('Requested'),
      );
    },
  );

  /*
   * Subscribers read these. A new line is fine: `npx vitest run test/schemas.test.ts -u` adds it,
   * and a review sees if one is lost or becomes optional.
   */
  test('the fields of events and requests, and their values, are frozen', async () => {
    interface Part {
      readonly type?: string;
      readonly properties?: Readonly<Record<string, Part>>;
      readonly required?: readonly string[];
      readonly items?: Part;
      readonly enum?: readonly string[];
      readonly const?: unknown;
    }
    const lines: string[] = [];
    const walk = (part: Part, path: string): void => {
      lines.push(`${path}: ${part.type}`);
      for (const value of part.enum ?? (part.const === undefined ? [] : [part.const]))
        lines.push(`${path} = ${value}`);
      if (part.items) walk(part.items, `${path}[]`);
      for (const [name, inner] of Object.entries(part.properties ?? {}))
        walk(inner, `${path}.${name}${part.required?.includes(name) ? '' : '?'}`);
    };
    for (const { kind, title, file } of list) {
      const { properties: own = {} } = JSON.parse(written[file] ?? '') as Part;
      if (kind !== 'fleet' && own.detail) walk(own.detail, title);
    }
    expect(lines.length).toBeGreaterThan(200);
    await expect(`${lines.sort().join('\n')}\n`).toMatchFileSnapshot(
      'fixtures/names/event-fields.txt',
    );
  });

  test('every property of an event has a description, and every description a property', () => {
    const found: (readonly [path: string, name: string, description?: unknown])[] = [];
    const walk = (schema: unknown, above: string): void => {
      const { properties: own = {}, items } = (schema ?? {}) as {
        readonly properties?: Readonly<Record<string, { readonly description?: unknown }>>;
        readonly items?: unknown;
      };
      if (items) walk(items, above);
      for (const [name, property] of Object.entries(own)) {
        found.push([`${above}${name}`, name, property.description]);
        walk(property, `${above}${name}.`);
      }
    };
    for (const { kind, title, file } of list)
      if (kind !== 'fleet') walk(JSON.parse(written[file] ?? ''), `${title}/`);

    expect(found.filter(([, , description]) => !description)).toEqual([]);
    const names = new Set(found.map(([, name]) => name));
    expect(Object.keys(properties).filter((name) => !names.has(name))).toEqual([]);
    const paths = new Set(found.flatMap(([path]) => [path, path.slice(path.indexOf('/') + 1)]));
    expect(Object.keys(exceptions).filter((path) => !paths.has(path))).toEqual([]);
  });
});
