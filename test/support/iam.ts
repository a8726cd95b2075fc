import { isRecord, type Resources } from './template.ts';

/** A call in the form that IAM evaluates. */
export interface Request {
  readonly action: string;
  readonly resource: string;
  /** Condition keys and their values for this call, for example `aws:ResourceTag/…`. */
  readonly context: Context;
}

export type Context = Readonly<Record<string, string | readonly string[]>>;

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly Condition[];
}

interface Condition {
  readonly key: string;
  readonly values: readonly string[];
  /** `undefined`: the call does not have the key. */
  readonly holds: (found: readonly string[] | undefined, values: readonly string[]) => boolean;
}

const comparisons: Readonly<Record<string, (found: string, value: string) => boolean>> = {
  StringEquals: (found, value) => found === value,
  StringLike: (found, value) => matches(value, found, 'exactly'),
  ArnEquals: (found, value) => matches(value, found, 'exactly'),
  ArnLike: (found, value) => matches(value, found, 'exactly'),
};

/** Returns `undefined` for an unsupported operator. */
function operator(name: string): Condition['holds'] | undefined {
  if (name === 'Null') return (found, [absent]) => (found === undefined) === (absent === 'true');
  const [, quantifier, comparison = '', ifExists] =
    /^(ForAllValues:|ForAnyValue:)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  const compare = comparisons[comparison];
  if (!compare) return undefined;
  return (found, values) => {
    const one = (value: string) => values.some((wanted) => compare(value, wanted));
    if (quantifier === 'ForAllValues:') return (found ?? []).every(one);
    return found === undefined ? ifExists !== undefined : found.some(one);
  };
}

/** IAM's wildcards. Actions ignore case. */
function matches(pattern: string, value: string, letters: 'exactly' | 'any case'): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, letters === 'exactly' ? 's' : 'si').test(value);
}

/**
 * A policy document with resolved names. Throws on anything it does not support, so that no
 * condition is skipped.
 */
export function parsePolicy(document: unknown): readonly Statement[] {
  const { Version, Statement, ...more } = members(document, 'a policy');
  if (Version !== '2012-10-17')
    throw new Error(`the policy version ${String(Version)} is not understood`);
  nothingElse(more, 'a policy');
  return [Statement].flat().map(parseStatement);
}

function parseStatement(given: unknown): Statement {
  const {
    Sid: _,
    Effect,
    Action,
    Resource,
    Condition = {},
    ...more
  } = members(given, 'a statement');
  nothingElse(more, 'a statement');
  if (Effect !== 'Allow' && Effect !== 'Deny')
    throw new Error(`the effect ${String(Effect)} is not understood`);
  const conditions = Object.entries(members(Condition, 'a condition')).flatMap(([name, keys]) => {
    const holds = operator(name);
    if (!holds) throw new Error(`the condition operator ${name} is not understood`);
    return Object.entries(members(keys, name)).map(([key, values]) => ({
      key,
      values: texts(values, key),
      holds,
    }));
  });
  return {
    effect: Effect,
    actions: texts(Action, 'Action'),
    resources: texts(Resource, 'Resource'),
    conditions,
  };
}

function members(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new Error(`${what} is not an object: ${JSON.stringify(value)}`);
  return value;
}

function nothingElse(more: object, what: string): void {
  const [name] = Object.keys(more);
  if (name) throw new Error(`${name} of ${what} is not understood`);
}

function texts(value: unknown, what: string): readonly string[] {
  const all = [value].flat();
  if (all.length > 0 && all.every((one) => typeof one === 'string')) return all;
  throw new Error(`${what} is no list of texts: ${JSON.stringify(value)}`);
}

/**
 * The permissions of a role: its own policies and the attached ones. `resolve` replaces references.
 */
export function policiesOf(
  resources: Resources,
  role: string,
  resolve: (value: unknown) => unknown,
): readonly Statement[] {
  const own = resources[role]?.Properties ?? {};
  if (own.ManagedPolicyArns)
    throw new Error(`${role} has managed policies, and the template does not hold their content`);
  const documents = [own.Policies ?? []]
    .flat()
    .map((policy) => members(policy, 'Policies').PolicyDocument);
  const attached = Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy')
    .filter(({ Properties = {} }) =>
      JSON.stringify(Properties.Roles ?? []).includes(`{"Ref":"${role}"}`),
    )
    .map(({ Properties = {} }) => Properties.PolicyDocument);
  return [...documents, ...attached].flatMap((document) => parsePolicy(resolve(document)));
}

const applies = (
  { actions, resources, conditions }: Statement,
  { action, resource, context }: Request,
): boolean =>
  actions.some((pattern) => matches(pattern, action, 'any case')) &&
  resources.some((pattern) => matches(pattern, resource, 'exactly')) &&
  conditions.every(({ key, values, holds }) => {
    const found = context[key];
    return holds(found === undefined ? undefined : [found].flat(), values);
  });

export function allows(statements: readonly Statement[], request: Request): boolean {
  const found = statements.filter((statement) => applies(statement, request));
  return found.length > 0 && found.every(({ effect }) => effect === 'Allow');
}

/** Calls that IAM would have refused. */
export const ungranted = (
  statements: readonly Statement[],
  requests: readonly Request[],
): readonly string[] => [
  ...new Set(
    requests
      .filter((one) => !allows(statements, one))
      .map(({ action, resource }) => `${action} on ${resource}`),
  ),
];

/** Grants that no call used: an action on a resource each. */
export function unused(
  statements: readonly Statement[],
  requests: readonly Request[],
): readonly string[] {
  const grants = statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap((statement) =>
      statement.actions.flatMap((action) =>
        statement.resources.map((resource) => ({
          ...statement,
          actions: [action],
          resources: [resource],
        })),
      ),
    );
  const idle = grants.filter((grant) => !requests.some((request) => applies(grant, request)));
  return [
    ...new Set(
      idle.map(({ actions: [action], resources: [resource] }) => `${action} on ${resource}`),
    ),
  ];
}
