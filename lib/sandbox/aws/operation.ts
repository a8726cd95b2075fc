import type * as z from 'zod';
import { validation } from './aws-error.ts';

/** One API operation: takes the parsed JSON of the request, returns the JSON of the answer. */
export type Operation = (input: unknown) => object | Promise<object>;
/** The operations of one service by AWS's name, such as `PutSecretValue`. */
export type Operations = Readonly<Record<string, Operation>>;

/**
 * An operation whose input is validated first. Invalid input is a ValidationException that names
 * the member, never its value.
 */
export const operation =
  <Input>(schema: z.ZodType<Input>, run: (input: Input) => object | Promise<object>): Operation =>
  (input) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return run(parsed.data);
    const errors = parsed.error.issues.map((issue) => {
      const member = issue.path
        .map((part, index) => (index === 0 ? lowerFirst(String(part)) : String(part)))
        .join('.');
      return `Value at '${member}' failed to satisfy constraint: ${constraint(issue)}`;
    });
    throw validation(
      [
        `${errors.length} validation error${errors.length === 1 ? '' : 's'} detected:`,
        `${errors.join('; ')}`,
      ].join(' '),
    );
  };

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

function constraint(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_big')
    return `Member must have length or value less than or equal to ${issue.maximum}`;
  if (issue.code === 'too_small')
    return `Member must have length or value greater than or equal to ${issue.minimum}`;
  if (issue.code === 'invalid_value')
    return `Member must satisfy enum value set: [${issue.values.map(String).join(', ')}]`;
  if (issue.code === 'invalid_type')
    return `Member must be a ${issue.expected} and must not be null`;
  if (issue.code === 'unrecognized_keys')
    return `Member is not supported by the embedded AWS: ${issue.keys.join(', ')}`;
  return 'Member must satisfy the documented pattern';
}
