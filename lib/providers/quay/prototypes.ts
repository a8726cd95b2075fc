import * as z from 'zod';
import { anyObject } from '../client/schemas.ts';
import { type Call, quayApi } from './api.ts';
import { usernameOf } from './robots.ts';

/** The schema of a role on a repository, from a permission or a default permission. */
export const role = z.enum(['read', 'write', 'admin']);

const List = z.object({
  prototypes: z.array(
    z.object({
      role,
      delegate: z.object({ name: z.string(), kind: z.enum(['user', 'team']) }),
      activating_user: z.object({ name: z.string() }).nullish(),
    }),
  ),
});

/** A default permission of an organization: it is granted in each new repository. */
export type Prototype = z.output<typeof List>['prototypes'][number];

const pathOf = ({ params }: Call): string => `/organization/${params.organization}/prototypes`;

/** All default permissions of the organization. */
export const prototypesOf = async (call: Call): Promise<readonly Prototype[]> =>
  (await quayApi(call).list('read the default permissions', pathOf(call), List)).prototypes;

/** Gives a robot the default permissions that `source` has, and takes none away. */
export async function copyPrototypes(
  call: Call,
  all: readonly Prototype[],
  source: string,
  short: string,
): Promise<void> {
  const present = new Set(all.map(keyOf));
  for (const prototype of renamed(call, all, source, short)) {
    if (present.has(keyOf(prototype))) continue;
    present.add(keyOf(prototype));
    const doing = 'add the default permission';
    (await quayApi(call).post(doing, pathOf(call), prototype)).read(anyObject);
  }
}

/** True if a robot has a default permission that it would not get from `source`. */
export function hasOther(
  call: Call,
  all: readonly Prototype[],
  source: string,
  short: string,
): boolean {
  const granted = new Set(renamed(call, all, source, short).map(keyOf));
  return naming(call, all, short).some((prototype) => !granted.has(keyOf(prototype)));
}

/** The default permissions about a robot: granted to it, or in repositories that it creates. */
const naming = (call: Call, all: readonly Prototype[], short: string): readonly Prototype[] =>
  all.filter(({ delegate, activating_user: activating }) =>
    [delegate.kind === 'user' && delegate.name, activating?.name].includes(usernameOf(call, short)),
  );

/** The default permissions of one robot, rewritten for another. */
const renamed = (
  call: Call,
  all: readonly Prototype[],
  from: string,
  to: string,
): readonly Prototype[] =>
  naming(call, all, from).map(({ role, delegate, activating_user: activating }) => {
    const other = (one: string) => (one === usernameOf(call, from) ? usernameOf(call, to) : one);
    const name = delegate.kind === 'user' ? other(delegate.name) : delegate.name;
    return {
      role,
      delegate: { name, kind: delegate.kind },
      ...(activating && { activating_user: { name: other(activating.name) } }),
    };
  });

const keyOf = ({ role, delegate, activating_user: activating }: Prototype): string =>
  JSON.stringify([role, delegate.kind, delegate.name, activating?.name ?? '']);
