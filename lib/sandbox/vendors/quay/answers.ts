import type { Context } from 'hono';
import type { Entry } from '../ledger.ts';
import type { Env } from '../vendor.ts';
import type { Prototype, Robot } from './model.ts';

type Status = 400 | 401 | 403 | 404 | 500 | 503;

const rfc2822 = (iso: string | undefined): string | null =>
  iso ? new Date(iso).toUTCString().replace('GMT', '-0000') : null;

/** A robot in the form of the list. */
export const brief = (name: string, entry: Entry<Robot> | undefined) => ({
  name,
  created: rfc2822(entry?.createdAt ?? '2020-01-01T00:00:00Z'),
  last_accessed: rfc2822(entry?.scopes[0]?.lastAccessed),
  description: entry?.scopes[0]?.description ?? '',
});

/**
 * The answer for a single robot, with its token. Missing metadata is null at creation and {} later.
 */
export const whole = (entry: Entry<Robot>, metadata: Record<string, unknown> | null) => ({
  ...brief(entry.username, entry),
  token: entry.scopes[0]?.token,
  unstructured_metadata: metadata,
});

/** The avatar of a user, a robot or a team. rekey does not read it. */
export const avatar = (name: string, kind: string) => ({ name, hash: 'x', color: '#fff', kind });

/** A user or a robot as Quay shows it in lists. A robot has a plus sign in its name. */
export const person = (name: string) => ({
  name,
  is_robot: name.includes('+'),
  avatar: avatar(name, 'robot'),
});

/** A default permission. */
export const view = ({ id, role, delegate, activatingUser }: Prototype) => ({
  activating_user:
    activatingUser === null
      ? null
      : { ...person(activatingUser), kind: 'user', is_org_member: true },
  delegate:
    delegate.kind === 'team'
      ? { ...delegate, avatar: {} }
      : { ...person(delegate.name), kind: 'user', is_org_member: true },
  role,
  id,
});

/** An error body of Quay's API. Quay has three forms. */
export const problem = (context: Context<Env>, status: Status, type: string, text: string) =>
  context.json(
    {
      detail: text,
      error_message: text,
      error_type: type,
      title: type,
      type: `https://quay.io/api/v1/error/${type}`,
      status,
    },
    status,
  );

/** Status 400 of the type invalid_request: the input is wrong or does not fit the state. */
export const invalid = (context: Context<Env>, text: string) =>
  problem(context, 400, 'invalid_request', text);

/** An error body of Quay's data model, which answers 400 for "not found". */
export const message = (context: Context<Env>, text: string) =>
  context.json({ message: text }, 400);

/** The data model's answer for an unknown robot: 400, not 404. */
export const noRobot = (context: Context<Env>) =>
  message(context, 'Could not find robot with specified username');
