import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Fleet } from '../core/fleet/index.ts';

/** The name below which the secrets of a fleet have their default names. */
export const prefixOf = ({ id }: Pick<Fleet, 'id'>): string => `rekey/${id}/`;

/** The names of the secrets that the fleet file names outside the fleet's prefix. */
export const elsewhere = (fleet: Fleet): readonly string[] =>
  fleet.targets.map(({ secret }) => secret).filter((name) => !name.startsWith(prefixOf(fleet)));

/**
 * The patterns of a fleet's secrets: one for all secrets with a default name, and the name of each
 * other one with the six characters that Secrets Manager adds.
 */
export function patternsOf(fleet: Fleet): readonly string[] {
  const others = elsewhere(fleet);
  const own = others.length < fleet.targets.length ? [`${prefixOf(fleet)}*`] : [];
  return [...own, ...others.map((name) => `${name}-??????`)];
}

/**
 * A secret's name as patterns: with the six characters that Secrets Manager adds, and without them,
 * since a deleted secret has none. Without the second, a call for a deleted secret gets
 * AccessDenied instead of NotFound.
 */
export const named = (name: string): readonly string[] => [name, `${name}-??????`];

/** The ARN of a secret by its name, which may contain wildcards. */
export function arnOf(scope: Construct, name: string, region = Stack.of(scope).region): string {
  const { partition, account } = Stack.of(scope);
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}`;
}
