import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import type { Construct } from 'constructs';
import {
  type DetailType,
  envelopeSchema,
  inboundTypes,
  outbound,
  requestEnvelope,
} from '../core/events/index.ts';

/**
 * The schemas of events and requests, keyed by detail type, as JSON Schema Draft 4: EventBridge's
 * schema registry accepts no later version.
 */
export function draft4Schemas(): Readonly<Record<string, object>> {
  const draft4 = { target: 'draft-4', io: 'input' } as const;
  return Object.fromEntries([
    ...(Object.keys(outbound) as DetailType[]).map(
      (type) => [type, envelopeSchema(type).toJSONSchema(draft4)] as const,
    ),
    ...inboundTypes.map((type) => [type, requestEnvelope(type).toJSONSchema(draft4)] as const),
  ]);
}

/** Publishes the schemas in EventBridge's schema registry, for subscribers. */
export function eventSchemas(scope: Construct, fleet: string): void {
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
