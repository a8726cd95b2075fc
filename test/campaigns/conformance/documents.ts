import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { OpenAPIRouter, OpenAPIValidator, SetMatchType } from 'openapi-backend';
import { parse } from 'yaml';
import { NOT_THERE } from './difference.ts';
import { problems, type Schema, unnamed } from './problems.ts';
import { fromQuaySwagger } from './quay-swagger.ts';
import { type Exchange, mediaType } from './record.ts';
import { fromSwagger } from './swagger.ts';

/** A difference between an exchange and a document. */
export interface Finding {
  readonly operation: string;
  readonly where: string;
  readonly what: string;
}

export interface VendorDocument {
  readonly name: string;
  readonly operations: number;
  /** The operation of an exchange. */
  operationOf(exchange: Exchange): Operation | undefined;
  /** Every difference between the exchange and the document. */
  check(exchange: Exchange): readonly Finding[];
}

interface Content {
  readonly [mediaType: string]: { readonly schema?: Schema };
}

/** An operation of a document, with all references resolved. */
export interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

type Definition = ConstructorParameters<typeof OpenAPIValidator>[0]['definition'];
interface Security {
  readonly type: string;
  readonly scheme?: string;
  readonly name?: string;
}

/** Reads a vendor's document: OpenAPI 3.0 or 3.1, Swagger 2.0, or Quay's slice of Swagger. */
export function readDocument(folder: string, name: string): VendorDocument {
  const source: unknown = parse(readFileSync(join(folder, name), 'utf8'));
  const whole = asOpenApi(source);
  const definition = named(resolved(whole, whole)) as Definition;
  const { servers, components } = definition;
  const router = new OpenAPIRouter({
    definition,
    apiRoot: new URL(servers?.[0]?.url ?? 'https://any.example').pathname,
  });
  // schemas of 3.1 are JSON Schema 2020-12; schemas of 3.0 are close to draft 7, with nullable
  const validator = new OpenAPIValidator({
    definition,
    router,
    ajvOpts: { allErrors: true },
    lazyCompileValidators: true,
    customizeAjv: (ajv, options) =>
      addFormats.default(
        definition.openapi.startsWith('3.1') ? new Ajv2020({ ...options, strict: false }) : ajv,
      ),
  });
  const schemes = (components?.securitySchemes ?? {}) as Readonly<Record<string, Security>>;
  const match = ({ method, path }: Exchange) =>
    router.matchOperation({ method, path, headers: {} });
  return {
    name,
    operations: router.getOperations().length,
    operationOf: (exchange) => match(exchange) as Operation | undefined,
    check(exchange) {
      const found = match(exchange);
      if (!found)
        return [
          { operation: `${exchange.method} ${exchange.path}`, where: 'operation', what: NOT_THERE },
        ];
      const operation = found as unknown as Operation;
      const {
        method,
        path,
        query,
        requestHeaders,
        requestBody,
        status,
        responseHeaders,
        responseBody,
      } = exchange;
      const request = { method, path, query, headers: { ...requestHeaders }, body: requestBody };
      const any = { statusCode: status, setMatchType: SetMatchType.Any };
      const differences = [
        ...problems(validator.validateRequest(request, found).errors, 'request'),
        ...problems(
          validator.validateResponseHeaders(responseHeaders, found, any).errors,
          'response',
        ),
        ...aboutRequest(exchange, operation),
        ...aboutSecurity(requestHeaders.authorization ?? '', operation, schemes),
        ...aboutResponse(
          exchange,
          operation,
          () => validator.validateResponse(responseBody ?? null, found, status).errors,
        ),
      ];
      return differences.map((difference) => ({ operation: operation.operationId, ...difference }));
    },
  };
}

function asOpenApi(source: unknown): unknown {
  if (!isObject(source) || !('swagger' in source)) return source;
  const isQuay = JSON.stringify(source).includes('"x-actual-success-statuses"');
  return isQuay ? fromQuaySwagger(source) : fromSwagger(resolved(source, source));
}

/** An operation without an id is known by its method and path. */
function named(document: unknown): unknown {
  if (!isObject(document) || !isObject(document.paths)) return document;
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(isObject(item) ? item : {}))
      if (isObject(operation) && isObject(operation.responses))
        operation.operationId ??= `${method.toUpperCase()} ${path}`;
  }
  return document;
}

type Difference = Omit<Finding, 'operation'>;

/**
 * Findings that the validator does not report: another content type, undocumented fields and
 * headers.
 */
function aboutRequest(
  { requestBody, requestHeaders }: Exchange,
  { requestBody: drawn, parameters }: Operation,
): Difference[] {
  const headers = parameters.flatMap((parameter) =>
    parameter.in === 'header' ? [parameter.name.toLowerCase()] : [],
  );
  const strangers = Object.keys(requestHeaders).filter(
    (name) => name.startsWith('x-') && !headers.includes(name),
  );
  const found = strangers.map((name) => ({
    where: 'request header',
    what: `${name} ${NOT_THERE}`,
  }));
  if (requestBody === undefined) return found;
  const type = mediaType(requestHeaders);
  const content = drawn?.content[type];
  if (!content) return [...found, { where: 'request body', what: `${type} ${NOT_THERE}` }];
  return [
    ...found,
    ...unnamed(content.schema, requestBody).map((what) => ({ where: 'request body', what })),
  ];
}

function aboutSecurity(
  authorization: string,
  { security }: Operation,
  schemes: Readonly<Record<string, Security>>,
): Difference[] {
  const met = (name: string): boolean => {
    const { type, scheme, name: header } = schemes[name] ?? { type: 'unknown' };
    if (type === 'apiKey') return header?.toLowerCase() === 'authorization' && authorization !== '';
    return type === 'http' && authorization.toLowerCase().startsWith(`${scheme} `);
  };
  if (security.length === 0 || security.some((requirement) => Object.keys(requirement).every(met)))
    return [];
  const kind = authorization.split(' ')[0] || 'none';
  return [{ where: 'security', what: `${kind} alone does not meet the requirements` }];
}

/** Checks the status, the content type, the body, and undocumented fields in the body. */
function aboutResponse(
  { status, responseHeaders, responseBody }: Exchange,
  operation: Operation,
  validate: () => Parameters<typeof problems>[0],
): Difference[] {
  const drawn = responseOf(operation, status);
  if (!drawn) return [{ where: 'response status', what: `${status} ${NOT_THERE}` }];
  const where = `response ${status} body`;
  // a response without content leaves the body open
  if (!drawn.content) return status === 204 ? problems(validate(), where) : [];
  const type = mediaType(responseHeaders);
  const content = drawn.content[type];
  if (responseBody === undefined || !content)
    return [{ where, what: `${type || 'no body'} ${NOT_THERE}` }];
  const fields = unnamed(content.schema, responseBody).map((what) => ({ where, what }));
  return [...problems(validate(), where), ...fields];
}

/** The document's entry for a status: its own one, or the default. */
export const responseOf = ({ responses }: Operation, status: number) =>
  responses[status] ?? responses[`${Math.floor(status / 100)}XX`] ?? responses.default;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** A copy with every `$ref` replaced by its target. */
function resolved(value: unknown, root: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => resolved(entry, root));
  if (!isObject(value)) return value;
  if (typeof value.$ref !== 'string') {
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, resolved(entry, root)]),
    );
  }
  const steps = value.$ref.replace(/^#\//, '').split('/');
  const target = steps.reduce<unknown>((at, step) => (isObject(at) ? at[step] : undefined), root);
  if (target === undefined) throw new Error(`${value.$ref} points nowhere`);
  return resolved(target, root);
}
