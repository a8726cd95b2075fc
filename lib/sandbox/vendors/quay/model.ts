import { type Entry, hex, uuid } from '../ledger.ts';
import type { Parts } from '../parts.ts';
import type { Behaviour } from '../vendor.ts';

type Role = 'read' | 'write' | 'admin';

/**
 * Quay's record of a robot, apart from its login. An admin can read the token again at any time.
 */
export interface Robot {
  readonly token: string;
  readonly description: string;
  readonly metadata: Record<string, unknown> | null;
  lastAccessed?: string;
}

/** A repository's rights. `users` has users and robots by username, `teams` has teams by name. */
export interface Repository {
  readonly users: Record<string, Role>;
  readonly teams: Record<string, Role>;
  /**
   * Deleted, and waiting under another name for garbage collection. Its permissions still exist.
   */
  readonly deleted?: true;
}

/** A team. The roles creator and admin let its members create repositories. */
export interface Team {
  readonly role: 'member' | 'creator' | 'admin';
  members: string[];
}

/**
 * A default permission: the role of `delegate` in each new repository, or in those that one user
 * creates.
 */
export interface Prototype {
  readonly id: string;
  readonly role: Role;
  readonly delegate: { readonly name: string; readonly kind: 'user' | 'team' };
  readonly activatingUser: string | null;
}

interface State {
  repositories: Record<string, Repository>;
  teams: Record<string, Team>;
  prototypes: Prototype[];
}

/** The organization's name has an underscore, so its list also shows the robots of a neighbor. */
export const ORGANIZATION = 'acme_corp';
const NEIGHBOUR = 'acme-corp';
/** A robot made by hand. The first issued robot copies its rights. */
export const TEMPLATE = 'ci';

/** A robot's username: the organization, a plus sign and its short name. */
export const usernameOf = (short: string): string => `${ORGANIZATION}+${short}`;

/** The organization, for the API and the registry. */
export type QuayModel = ReturnType<typeof quayModel>;

/** One organization of a Quay: robots, repositories, teams and default permissions. */
export function quayModel({ ledger, random }: Pick<Parts<Robot, Behaviour>, 'ledger' | 'random'>) {
  let state: State = {
    repositories: {
      app: { users: {}, teams: {} },
      worker: { users: {}, teams: {} },
      base: { users: {}, teams: {} },
    },
    teams: {
      owners: { role: 'admin', members: ['boss'] },
      builders: { role: 'creator', members: [] },
    },
    prototypes: [],
  };

  function add(
    short: string,
    description: string,
    metadata: Robot['metadata'],
    owner: string,
  ): Entry<Robot> {
    const token = hex(32, random).toUpperCase();
    const robot: Robot = { token, description, metadata };
    return ledger.add(
      { id: short, label: description, username: usernameOf(short), owner, scopes: [robot] },
      token,
    );
  }

  const addPrototype = (prototype: Omit<Prototype, 'id'>): Prototype => {
    const added = { id: uuid(random), ...prototype };
    state.prototypes.push(added);
    return added;
  };

  const roleIn = (repository: Repository, username: string): Role | undefined => {
    const byTeam = Object.entries(repository.teams).flatMap(([team, role]) =>
      state.teams[team]?.members.includes(username) ? [role] : [],
    );
    const all = [...byTeam, ...(repository.users[username] ? [repository.users[username]] : [])];
    return (['admin', 'write', 'read'] as const).find((role) => all.includes(role));
  };

  /** Creates a repository, with the rights of its creator and of the default permissions. */
  function create(name: string, creator: string): void {
    const repository: Repository = { users: { [creator]: 'admin' }, teams: {} };
    for (const { delegate, role, activatingUser } of state.prototypes) {
      if (activatingUser !== null && activatingUser !== creator) continue;
      const roles = delegate.kind === 'team' ? repository.teams : repository.users;
      roles[delegate.name] ??= role;
    }
    state.repositories[name] = repository;
  }

  const template = usernameOf(TEMPLATE);
  add(TEMPLATE, 'made by hand', null, 'template');
  state.repositories.app = { users: { [template]: 'write' }, teams: {} };
  state.repositories.worker = { users: { [template]: 'read' }, teams: {} };
  state.repositories.base = { users: {}, teams: { builders: 'read' } };
  state.teams.builders = { role: 'creator', members: [template] };
  addPrototype({ role: 'read', delegate: { name: template, kind: 'user' }, activatingUser: null });
  addPrototype({
    role: 'write',
    delegate: { name: 'builders', kind: 'team' },
    activatingUser: template,
  });
  addPrototype({ role: 'admin', delegate: { name: 'owners', kind: 'team' }, activatingUser: null });

  return {
    ledger,
    add,
    addPrototype,
    robot: (short: string): Robot | undefined => ledger.find(short)?.scopes[0],
    repository: (name: string): Repository | undefined => state.repositories[name],
    team: (name: string): Team | undefined => state.teams[name],
    prototypes: (): readonly Prototype[] => state.prototypes,
    repositoriesOf: (username: string): string[] =>
      Object.keys(state.repositories).filter((name) => state.repositories[name]?.users[username]),
    teamsOf: (username: string): string[] =>
      Object.keys(state.teams).filter((name) => state.teams[name]?.members.includes(username)),
    /**
     * Deletes a repository. Quay renames it to a UUID until its garbage is collected. Returns that
     * name.
     */
    discard(name: string, hidden = uuid(random)): string {
      const { [name]: repository, ...others } = state.repositories;
      if (!repository) throw new Error(`no repository ${name}`);
      state.repositories = { ...others, [hidden]: { ...repository, deleted: true } };
      return hidden;
    },
    /** Deletes a robot and all its rights. */
    remove(entry: Entry<Robot>): void {
      ledger.remove(entry);
      for (const { users } of Object.values(state.repositories)) delete users[entry.username];
      for (const team of Object.values(state.teams))
        team.members = team.members.filter((name) => name !== entry.username);
      state.prototypes = state.prototypes.filter(
        ({ delegate, activatingUser }) =>
          delegate.name !== entry.username && activatingUser !== entry.username,
      );
    },
    /** Robots of other organizations that `ILIKE '<organization>+%'` also matches. */
    neighbours: [
      { username: `${NEIGHBOUR}+${TEMPLATE}`, repositories: ['secrets'], teams: ['neighbours'] },
      { username: `${NEIGHBOUR}+elsewhere`, repositories: [], teams: [] },
    ],
    /**
     * True if the token server grants an action. A request to push into a repository that does not
     * exist creates it.
     */
    allows(username: string, path: string, action: string): boolean {
      const [namespace, ...rest] = path.split('/');
      const name = rest.join('/');
      if (namespace !== ORGANIZATION || name === '') return false;
      const creates = Object.values(state.teams).some(
        ({ role, members }) => role !== 'member' && members.includes(username),
      );
      if (action === 'push' && creates && !state.repositories[name]) create(name, username);
      const repository = state.repositories[name];
      const role = repository && !repository.deleted && roleIn(repository, username);
      return (
        role !== undefined &&
        role !== false &&
        { pull: 'read write admin', push: 'write admin' }[action]?.includes(role) === true
      );
    },
    repositories: (): readonly string[] =>
      Object.keys(state.repositories).flatMap((name) =>
        state.repositories[name]?.deleted ? [] : [`${ORGANIZATION}/${name}`],
      ),
    /** All rights of a robot, with SELF for its own name, so that two robots can be compared. */
    rightsOf(short: string) {
      const username = usernameOf(short);
      const self = (name: string | null) => (name === username ? 'SELF' : name);
      return {
        repositories: Object.fromEntries(
          Object.entries(state.repositories).flatMap(([name, { users }]) =>
            users[username] ? [[name, users[username]]] : [],
          ),
        ),
        teams: Object.keys(state.teams).filter((name) =>
          state.teams[name]?.members.includes(username),
        ),
        // a duplicate grants no more than one
        prototypes: [
          ...new Set(
            state.prototypes.map(
              ({ role, delegate, activatingUser }) =>
                `${self(activatingUser)} → ${delegate.kind} ${self(delegate.name)}: ${role}`,
            ),
          ),
        ]
          .filter((text) => text.includes('SELF'))
          .sort(),
      };
    },
    dump: (): unknown => structuredClone({ robots: ledger.dump(), state }),
    restore(dumped: unknown): void {
      const { robots, state: known } = structuredClone(dumped) as { robots: unknown; state: State };
      ledger.restore(robots);
      state = known;
    },
  };
}
