/** The members of a CloudFormation template that the tests read. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}
export type Resources = Readonly<Record<string, Resource>>;

/** The physical name of a resource: its `Ref`, or one of its attributes. */
export type Physical = (id: string, resource: Resource, attribute: string | undefined) => string;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Resolves CloudFormation's functions to physical names. Throws on an unknown function. */
export function resolver(
  resources: Resources,
  pseudo: Readonly<Record<string, string>>,
  physical: Physical,
) {
  function name(id: string, attribute?: string): string {
    const resource = resources[id];
    if (resource) return physical(id, resource, attribute);
    const value = pseudo[id];
    if (value === undefined || attribute)
      throw new Error(`the template refers to ${id}, which it does not hold`);
    return value;
  }

  const text = (value: unknown): string => {
    const resolved = resolve(value);
    if (typeof resolved !== 'string')
      throw new Error(`expected a text, found ${JSON.stringify(resolved)}`);
    return resolved;
  };

  const functions: Readonly<Record<string, (argument: unknown) => unknown>> = {
    Ref: (id) => name(String(id)),
    'Fn::GetAtt': (argument) => {
      const [id = '', ...attribute] = Array.isArray(argument)
        ? argument.map(String)
        : String(argument).split('.');
      return name(id, attribute.join('.'));
    },
    'Fn::Join': (argument) => {
      const [separator, parts] = argument as [string, readonly unknown[]];
      return parts.map(text).join(separator);
    },
    'Fn::Sub': (argument) => {
      const [pattern, values] = (Array.isArray(argument) ? argument : [argument, {}]) as [
        string,
        Record<string, unknown>,
      ];
      return pattern.replace(/\$\{(!?)([^}]+)\}/g, (whole, literal: string, key: string) => {
        if (literal) return whole.replace('!', '');
        if (Object.hasOwn(values, key)) return text(values[key]);
        const [id = '', ...attribute] = key.split('.');
        return name(id, attribute.length > 0 ? attribute.join('.') : undefined);
      });
    },
  };

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve);
    if (!isRecord(value)) return value;
    const [key = '', ...more] = Object.keys(value);
    const run = more.length === 0 ? functions[key] : undefined;
    if (run) return run(value[key]);
    if (key.startsWith('Fn::')) throw new Error(`CloudFormation's ${key} is not known here`);
    return Object.fromEntries(Object.entries(value).map(([member, one]) => [member, resolve(one)]));
  }
  return resolve;
}
