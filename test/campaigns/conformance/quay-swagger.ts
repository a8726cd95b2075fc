import * as z from 'zod';

const Parameter = z.looseObject({
  name: z.string(),
  in: z.string(),
  required: z.boolean().optional(),
});
const Operation = z.looseObject({
  operationId: z.string(),
  parameters: z.array(Parameter),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  'x-actual-success-statuses': z.array(z.int()),
});
const Item = z.looseObject({ parameters: z.array(Parameter) });
const Swagger = z.looseObject({
  swagger: z.literal('2.0'),
  paths: z.record(z.string(), Item),
  definitions: z.record(z.string(), z.unknown()),
});
type Parameter = z.output<typeof Parameter>;

/**
 * Quay's slice of Swagger 2.0 as OpenAPI 3. It gives a success a status and no schema. Its errors
 * are those that Quay's discovery gives each operation (endpoints/api/discovery.py): 400, 401, 403
 * and 404, with the body ApiError.
 */
export function fromQuaySwagger(document: unknown): Record<string, unknown> {
  const { paths, definitions } = Swagger.parse(document);
  const converted = Object.entries(paths).map(([path, { parameters, ...item }]) => {
    const operations = Object.entries(item).map(([method, operation]) => [
      method,
      fromOperation(Operation.parse(operation), parameters),
    ]);
    // the one segment is a namespace and a name, with a slash in between
    return [
      path.replace('{repository}', '{namespace}/{repository}'),
      Object.fromEntries(operations),
    ] as const;
  });
  return {
    openapi: '3.0.3',
    info: { title: 'Quay', version: 'v1' },
    paths: Object.fromEntries(converted),
    components: { securitySchemes: { oauth2_implicit: { type: 'http', scheme: 'bearer' } } },
    definitions,
  };
}

const error = {
  description: 'error',
  content: { 'application/json': { schema: { $ref: '#/definitions/ApiError' } } },
};

function fromOperation(operation: z.output<typeof Operation>, shared: readonly Parameter[]) {
  const all = [...shared, ...operation.parameters];
  const body = all.find((parameter) => parameter.in === 'body');
  const others = all.filter((parameter) => parameter !== body).flatMap(fromParameter);
  const successes = operation['x-actual-success-statuses'].map((status) => [
    String(status),
    { description: 'success' },
  ]);
  return {
    operationId: operation.operationId,
    parameters: others,
    ...(body && {
      requestBody: {
        required: body.required ?? false,
        content: { 'application/json': { schema: body.schema } },
      },
    }),
    ...(operation.security && { security: operation.security }),
    responses: { ...Object.fromEntries(successes), 400: error, 401: error, 403: error, 404: error },
  };
}

function fromParameter({ name, in: place, required = false, type }: Parameter) {
  const parameter = { name, in: place, required, schema: { type } };
  return name === 'repository' ? [{ ...parameter, name: 'namespace' }, parameter] : [parameter];
}
