import { DAY, plus } from '../../../core/time.ts';
import { type Entry, hex } from '../ledger.ts';
import type { Parts } from '../parts.ts';
import type { Behaviour } from '../vendor.ts';

/** A robot's permission in the form of Harbor's API. `namespace` names the project. */
export interface Permission {
  readonly kind: string;
  readonly namespace: string;
  readonly access: readonly { readonly resource: string; readonly action: string }[];
}

/** Data of a robot in addition to its login. */
export interface Details {
  readonly description: string;
  /** Whole days; -1 for no end. */
  readonly duration: number;
  /** Unix seconds; -1 for no end. */
  readonly expires_at: number;
  readonly permissions: readonly Permission[];
}

/** A robot in the ledger. `scopes` holds its one `Details`. */
export type Robot = Entry<Details>;

/** The fields that a create or an update writes. */
export interface Written {
  readonly description: string;
  readonly duration: number;
  readonly disable: boolean;
  readonly permissions: readonly Permission[];
}

/** The one project. */
export const PROJECT = { id: 7, name: 'team-a' } as const;
const FIRST = 41;

/** The robots of the one project, for the API. */
export type HarborModel = ReturnType<typeof harborModel>;

/** The robots of one project. A robot is `<project>+<name>` in the database. */
export function harborModel({
  clock,
  random,
  ledger,
}: Pick<Parts<Details, Behaviour>, 'clock' | 'random' | 'ledger'>) {
  const usernameOf = (name: string) => `${PROJECT.name}+${name}`;
  // each secret has an upper case letter, a lower case letter and a digit
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
    /** A new secret under the same name; the old one is dead at once. */
    refresh(robot: Robot): string {
      const secret = fresh();
      ledger.renew(robot, secret);
      return secret;
    },
    remove: (robot: Robot): void => ledger.remove(robot),
  };
}
