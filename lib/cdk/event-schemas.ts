import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import type { Construct } from 'constructs';
import { eventSchemas } from '../core/events/all.ts';

/**
 * The schemas of events and requests, keyed by detail type, as JSON Schema Draft 4: EventBridge's
 * schema registry accepts no later version.
 */
export function draft4Schemas(): Readonly<Record<string, object>> {
  const draft4 = { target: 'draft-4', io: 'input' } as const;
  return Object.fromEntries(
    eventSchemas().map(({ type, schema }) => [type, schema.toJSONSchema(draft4)]),
  );
}

/** Publishes the schemas in EventBridge's schema registry, for subscribers. */
export function schemaRegistry(scope: Construct, fleet: string): void {
  const registry = new CfnRegistry(scope, 'Schemas', {
    registryName: `rekey-${fleet}`,
    description: `Events on the bus rekey-${fleet}`,
  });
  for (const [type, schema] of Object.entries(draft4Schemas())) {
    const name = type.replaceAll(' ', '');
    new CfnSchema(scope, `Schema-${name}`, {
      registryName: registry.attrRegistryName,
      schemaName: `rekey@${name}`,
      type: 'JSONSchemaDraft4',
      description: type,
      content: JSON.stringify({ title: type, ...schema }),
    });
  }
}
