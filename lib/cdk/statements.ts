import { ManagedPolicy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { arnOf } from './secret-names.ts';

/** The conditions of a statement: by operator, then by key. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;

/** The characters of a managed policy, according to AWS, which does not count white space. */
const POLICY = 6144;
/** Room for references in conditions, which are longer once they are resolved. */
const REFERENCES = 250;
/** ARNs that stay in the role's own policy, which also has its other grants. */
const FEW = 15;
/** AWS attaches ten to a role; CDK makes one from a role's own policy that grows too long. */
const MOST_POLICIES = 9;
/** The parts of a secret's ARN that are known at deployment: the longest in use. */
const PARTS = 'arn:aws-us-gov:secretsmanager:ap-southeast-2:111122223333:secret:';

/** The ARN of a secret, and its length in a policy once it is resolved. */
export interface Arn {
  readonly text: string;
  readonly length: number;
}

/** The ARNs of secrets by their names, which may contain wildcards. */
export const arnsOf = (role: Role, names: readonly string[], region?: string): readonly Arn[] =>
  names.map((name) => ({
    text: arnOf(role, name, region),
    length: JSON.stringify(`${PARTS}${name}`).length + 1,
  }));

/** Grants actions on the secrets with these names, in as few policies as can hold them. */
export const grant = (
  role: Role,
  actions: readonly string[],
  names: readonly string[],
  conditions: Conditions = {},
): void =>
  add(role, arnsOf(role, names), (resources) => ({
    actions: actions.map((action) => `secretsmanager:${action}`),
    resources,
    conditions,
  }));

/** Adds statements for these ARNs: to the role's own policy, or many ARNs to managed policies. */
export function add(
  role: Role,
  arns: readonly Arn[],
  statement: (arns: string[]) => {
    readonly actions: string[];
    readonly resources: string[];
    readonly conditions: Conditions;
  },
): void {
  if (arns.length === 0) return;
  const made = (some: readonly Arn[]) =>
    new PolicyStatement(statement(some.map(({ text }) => text)));
  if (arns.length <= FEW) {
    role.addToPolicy(made(arns));
    return;
  }
  const rest = JSON.stringify({ Version: '', Effect: '', ...statement([]) }).length + REFERENCES;
  for (const some of packed(arns, POLICY - rest)) {
    const number = role.node.children.filter((child) => child instanceof ManagedPolicy).length + 1;
    if (number > MOST_POLICIES) throw new Error(tooMany(role));
    new ManagedPolicy(role, `Secrets-${number}`, { statements: [made(some)], roles: [role] });
  }
}

/** The ARNs in groups, each of which fits into so many characters. */
export function packed(arns: readonly Arn[], room: number): readonly (readonly Arn[])[] {
  const groups: Arn[][] = [];
  let left = 0;
  for (const arn of arns) {
    if (arn.length > left) {
      groups.push([]);
      left = room;
    }
    groups.at(-1)?.push(arn);
    left -= arn.length;
  }
  return groups;
}

const tooMany = (role: Role): string =>
  [
    `the fleet names too many secrets one by one: ${role.node.path} would need more than`,
    `${MOST_POLICIES} managed policies, and AWS attaches ten to a role. Expected secrets with`,
    'default names, which one pattern covers, and fewer admin secrets: remove the key "secret"',
    'of targets, or split the fleet',
  ].join(' ');
