import { DAY, plus } from '../../../core/time.ts';
import { type Entry, hex } from '../ledger.ts';
import type { ModelParts } from '../parts.ts';

export interface Permission {
  readonly kind: string;
  readonly namespace: string;
  readonly access: readonly { readonly resource: string; readonly action: string }[];
}

/** Harbor's record of a robot, apart from its login. */
export interface Details {
  readonly description: string;
  /** In whole days; -1 for no end. */
  readonly duration: number;
  /** In Unix seconds; -1 for no end. */
  readonly expires_at: number;
  readonly permissions: readonly Permission[];
}

export type Robot = Entry<Details>;

/** The fields of a create or an update. */
export interface Written {
  readonly description: string;
  readonly duration: number;
  readonly disable: boolean;
  readonly permissions: readonly Permission[];
}

/** The only project. */
export const PROJECT = { id: 7, name: 'team-a' } as const;
const FIRST = 41;

export type HarborModel = ReturnType<typeof harborModel>;

/** The robots of one project. A robot is `<project>+<name>` in the database. */
export function harborModel({ clock, random, ledger }: ModelParts<Details>) {
  const usernameOf = (name: string) => `${PROJECT.name}+${name}`;
  // Harbor requires an upper case letter, a lower case letter and a digit in each secret
  const fresh = () => `Hs1${hex(15, random)}`;
  const ends = (duration: number, createdAt: Date): Date | undefined =>
    duration === -1 ? undefined : plus(createdAt, duration * DAY);
  const details = ({ description, duration, permissions }: Written, createdAt: Date): Details => {
    const end = ends(duration, createdAt);
    const expires_at = end ? Math.floor(end.getTime() / 1000) : -1;
    return { description, duration, expires_at, permissions };
  };
  const nextId = () =>
    String(1 + Math.max(FIRST, ...ledger.credentials().map(({ id }) => Number(id))));

  return {
    ledger,
    /** Includes disabled and expired robots: Harbor lists them until they are deleted. */
    robots: (): Robot[] => ledger.undeleted(),
    robot: (id: string): Robot | undefined => ledger.undeleted().find((robot) => robot.id === id),
    named: (name: string): Robot | undefined =>
      ledger.undeleted().find(({ username }) => username === usernameOf(name)),
    add(name: string, written: Written, label = name) {
      const secret = fresh();
      const now = clock.now();
      const robot = ledger.add(
        {
          id: nextId(),
          label,
          username: usernameOf(name),
          owner: PROJECT.name,
          scopes: [details(written, now)],
          expiresAt: ends(written.duration, now),
        },
        secret,
      );
      if (written.disable) ledger.enable(robot, false);
      return { robot, secret };
    },
    update(robot: Robot, written: Written): void {
      const createdAt = new Date(robot.createdAt);
      robot.scopes = [details(written, createdAt)];
      robot.expiresAt = ends(written.duration, createdAt)?.toISOString();
      ledger.enable(robot, !written.disable);
    },
    /** Sets a new secret under the same name. The old secret is dead at once. */
    refresh(robot: Robot): string {
      const secret = fresh();
      ledger.renew(robot, secret);
      return secret;
    },
    remove: (robot: Robot): void => ledger.remove(robot),
  };
}
