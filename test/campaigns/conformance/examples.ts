import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IN_NONE } from './difference.ts';
import type { Finding, Operation, VendorDocument } from './documents.ts';
import { type Exchange, mediaType } from './record.ts';
import { type Example, Examples } from './replay.ts';

/** Path of each field → type of its value. */
type Shape = ReadonlyMap<string, string>;

/**
 * Examples in the role of a document. A request may have the fields and the query of an example. A
 * success has exactly the fields of its example, and an error has the fields of some error.
 * Segments of a path that are in `names`, or in braces, are ids.
 */
export function readExamples(
  folder: string,
  name: string,
  names: readonly string[],
): VendorDocument {
  const { examples } = Examples.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
  const drawn = examples.flatMap(({ request, response }) => {
    if (!request) return [];
    const { pathname, searchParams } = new URL(request.path, 'https://any.example');
    const segments = decodeURIComponent(pathname).split('/');
    const path = segments
      .map((segment) => (names.includes(segment) || /^\{\w+\}$/.test(segment) ? '[^/]+' : segment))
      .join('/');
    return [
      {
        line: new RegExp(`^${request.method} ${path}$`),
        query: [...searchParams.keys()],
        body: request.body,
        response,
      },
    ];
  });
  const errors = examples.filter(({ response }) => response.status >= 400);
  const statuses = errors.flatMap(({ name, response }) => [
    response.status,
    ...(name.match(/\b4\d\d\b/g) ?? []).map(Number),
  ]);
  const matching = (exchange: Exchange) => drawn.filter(({ line }) => line.test(lineOf(exchange)));

  function request(exchange: Exchange): Omit<Finding, 'operation'>[] {
    const known = matching(exchange);
    const query = [...new URLSearchParams(exchange.query).keys()].filter(
      (key) => !known.some((one) => one.query.includes(key)),
    );
    const wanted = known.flatMap(({ body }) => [...shapeOf(body ?? undefined).keys()]);
    const fields = [...shapeOf(exchange.requestBody).keys()].filter(
      (path) => path !== '' && !wanted.includes(path),
    );
    return [
      ...query.map((key) => ({ where: 'request query', what: `${key} ${IN_NONE}` })),
      ...fields.map((path) => ({ where: 'request body', what: `${path} ${IN_NONE}` })),
    ];
  }

  function response(exchange: Exchange): Omit<Finding, 'operation'>[] {
    const { status, responseHeaders, responseBody } = exchange;
    const isError = status >= 400;
    const candidates = isError
      ? errors
      : matching(exchange).filter((one) => one.response.status === status);
    if (isError ? !statuses.includes(status) : candidates.length === 0)
      return [{ where: 'response status', what: `${status} ${IN_NONE}` }];
    const where = `response ${status} body`;
    if (typeof responseBody === 'string')
      return [{ where, what: `${mediaType(responseHeaders)} ${IN_NONE}` }];
    const comparisons = candidates.map((one) => compared(one.response, responseBody));
    const [best = []] = comparisons.sort((a, b) => a.length - b.length);
    return best.map((what) => ({ where, what }));
  }

  return {
    name,
    operations: new Set(drawn.map(({ line }) => line.source)).size,
    operationOf(exchange) {
      const [first] = matching(exchange);
      const content = { 'application/json': {} };
      const known = exchange.status < 400 || statuses.includes(exchange.status);
      const responses: Operation['responses'] = known ? { [exchange.status]: { content } } : {};
      return (
        first && {
          operationId: idOf(first.line),
          parameters: [],
          requestBody: { content },
          responses,
          security: [],
        }
      );
    },
    check(exchange) {
      const [first] = matching(exchange);
      const operation = first ? idOf(first.line) : general(lineOf(exchange), names);
      if (!first && exchange.status < 400)
        return [{ operation, where: 'operation', what: IN_NONE }];
      const found = [...(first ? request(exchange) : []), ...response(exchange)];
      return found.map((difference) => ({ operation, ...difference }));
    },
  };
}

const lineOf = ({ method, path }: Exchange): string => decodeURIComponent(`${method} ${path}`);
const idOf = ({ source }: RegExp): string =>
  source.slice(1, -1).replaceAll('\\/', '/').replaceAll('[^/]+', '{id}');
/** A request line that no example has, without its ids. */
const general = (line: string, names: readonly string[]): string =>
  line
    .split('/')
    .map((part) =>
      names.includes(part) || /^[0-9a-f-]{32,36}$|\+|^[0-9A-F]{20}$/.test(part) ? '{id}' : part,
    )
    .join('/');

/**
 * The differences between a body and an example's. A null field may have any value, and an empty
 * list misses no fields.
 */
function compared({ body, bodyText }: Example['response'], value: unknown): string[] {
  const wanted = shapeOf(body === '' ? bodyText || undefined : (body ?? (bodyText || undefined)));
  const got = shapeOf(value);
  const under = (shape: Shape, path: string) =>
    [...shape.keys()].some((key) => key === path || key.startsWith(`${path}/`));
  const open = (shape: Shape, path: string) =>
    path
      .split('/')
      .some((_part, at, parts) =>
        ['null', 'empty'].includes(shape.get(parts.slice(0, at + 1).join('/')) ?? ''),
      );
  const strange = [...got].flatMap(([path, kind]) => {
    if (kind === 'null' || kind === 'empty' ? under(wanted, path) : open(wanted, path)) return [];
    if (!wanted.has(path)) return [`${path} ${IN_NONE}`];
    return [kind, 'optional'].includes(wanted.get(path) ?? '') ? [] : [`${path} has another type`];
  });
  const lacking = [...wanted].flatMap(([path, kind]) => {
    if (
      got.has(path) ||
      kind === 'optional' ||
      open(got, path) ||
      (['null', 'empty'].includes(kind) && under(got, path))
    )
      return [];
    return [`${path} is missing`];
  });
  return [...strange, ...lacking];
}

/** The fields of a value. Hosts used as keys count as one. */
function shapeOf(value: unknown, path = ''): Shape {
  if (value === undefined) return new Map();
  if (value === null) return new Map([[path, 'null']]);
  if (typeof value === 'string' && /<.*optional>/.test(value)) return new Map([[path, 'optional']]);
  if (typeof value !== 'object') return new Map([[path, typeof value]]);
  const entries = Array.isArray(value)
    ? value.map((entry) => ['*', entry] as const)
    : Object.entries(value).map(
        ([key, entry]) => [key.includes('.') ? '{host}' : key, entry] as const,
      );
  if (entries.length === 0) return new Map([[path, 'empty']]);
  return new Map(entries.flatMap(([key, entry]) => [...shapeOf(entry, `${path}/${key}`)]));
}
