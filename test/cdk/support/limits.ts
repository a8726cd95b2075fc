import type { FleetFile } from '../../../lib/cdk/index.ts';

/** A fleet with so many targets, whose names do not show their stacks. */
export const largeFleet = (
  count: number,
  more: (index: number) => Partial<FleetFile['targets'][number]> = () => ({}),
): FleetFile => ({
  fleet: 'acme',
  targets: Array.from({ length: count }, (_, index) => ({
    name: `team-${index % 97}-service-${index}-images`,
    provider: 'digitalocean' as const,
    admin: `rekey/admin/do-${index % 20}`,
    params: { registry: 'one' },
    ...more(index),
  })) as FleetFile['targets'],
});

interface Template {
  readonly Resources?: Readonly<
    Record<
      string,
      { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }
    >
  >;
}

const parts: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-southeast-2',
  'AWS::AccountId': '111122223333',
};

/** A document with references in their longest form. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const [[key = '', argument] = []] = Object.entries(value);
  if (key === 'Fn::Join')
    return (resolved((argument as [string, unknown[]])[1]) as string[]).join('');
  if (key === 'Ref') return parts[String(argument)] ?? 'x'.repeat(120);
  if (key === 'Fn::GetAtt') return 'x'.repeat(160);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolved(one)]));
}

/** The limits of AWS that a template exceeds, as sentences. */
export function beyondLimits(name: string, text: string): readonly string[] {
  const { Resources = {} } = JSON.parse(text) as Template;
  const resources = Object.entries(Resources);
  const found: string[] = [];
  const atMost = (what: string, value: number, most: number) => {
    if (value > most) found.push(`${name}: ${what}: ${value} of ${most}`);
  };
  atMost('resources', resources.length, 500);
  atMost('bytes', Buffer.byteLength(text), 1_000_000);
  const managed = resources.filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy');
  for (const [id, { Properties = {} }] of managed)
    atMost(id, JSON.stringify(resolved(Properties.PolicyDocument)).length, 6144);
  for (const [role, { Type }] of resources) {
    if (Type !== 'AWS::IAM::Role') continue;
    const attached = (type: string) =>
      resources.filter(
        ([, one]) =>
          one.Type === type && JSON.stringify(one.Properties?.Roles).includes(`"${role}"`),
      );
    const own = attached('AWS::IAM::Policy').map(
      ([, { Properties = {} }]) => JSON.stringify(resolved(Properties.PolicyDocument)).length,
    );
    atMost(
      `own policies of ${role}`,
      own.reduce((sum, one) => sum + one, 0),
      10_240,
    );
    atMost(`managed policies of ${role}`, attached('AWS::IAM::ManagedPolicy').length, 10);
  }
  const permissions = resources
    .filter(([, { Type }]) => Type === 'AWS::Lambda::Permission')
    .map(([id, { Properties = {} }]) => ({ id, text: JSON.stringify(Properties.FunctionName) }));
  for (const [fn, ids] of Map.groupBy(permissions, ({ text: one }) => one))
    atMost(`permissions of ${fn}`, ids.length, 40);
  return found;
}
