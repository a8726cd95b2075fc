import * as z from 'zod';

const Parameter = z.looseObject({ name: z.string(), in: z.string() });
const Response = z.looseObject({ description: z.string(), schema: z.unknown().optional() });
const Operation = z.looseObject({
  operationId: z.string(),
  parameters: z.array(Parameter).default([]),
  responses: z.record(z.string(), Response),
});
const Swagger = z.looseObject({
  swagger: z.literal('2.0'),
  basePath: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  securityDefinitions: z.record(z.string(), z.object({ type: z.literal('basic') })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
});

/** A document of Swagger 2.0 without references, such as Harbor's, as OpenAPI 3. */
export function fromSwagger(document: unknown): Record<string, unknown> {
  const { basePath, paths, security, securityDefinitions } = Swagger.parse(document);
  const converted = Object.entries(paths).map(([path, item]) => [
    path,
    Object.fromEntries(
      Object.entries(item).map(([method, operation]) => [
        method,
        { ...fromOperation(operation), security },
      ]),
    ),
  ]);
  return {
    openapi: '3.0.3',
    info: { title: 'a vendor', version: '2' },
    servers: [{ url: `https://any.example${basePath}` }],
    paths: Object.fromEntries(converted),
    components: {
      securitySchemes: Object.fromEntries(
        Object.keys(securityDefinitions).map((name) => [name, { type: 'http', scheme: 'basic' }]),
      ),
    },
  };
}

const content = (schema: unknown) => ({ content: { 'application/json': { schema } } });

function fromOperation({ operationId, parameters, responses }: z.output<typeof Operation>) {
  const body = parameters.find((parameter) => parameter.in === 'body');
  const others = parameters
    .filter((parameter) => parameter !== body)
    .map(({ name, in: place, required = false, description, ...schema }) => ({
      ...{ name, in: place, required, schema },
    }));
  return {
    operationId,
    parameters: others,
    ...(body && { requestBody: { required: body.required ?? false, ...content(body.schema) } }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, { description, schema }]) => [
        status,
        { description, ...(schema !== undefined && content(schema)) },
      ]),
    ),
  };
}
