import { DAY } from '../../../core/time.ts';
import { type Entry, hex } from '../ledger.ts';
import type { Parts } from '../parts.ts';
import type { Behaviour } from '../vendor.ts';

/** Data of a deploy token in addition to its login. */
export interface Details {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expires_at: string | null;
}

/** A deploy token in the ledger. `scopes` holds its one `Details`. */
export type DeployToken = Entry<Details>;

interface Wanted {
  readonly name: string;
  readonly username?: string | undefined;
  readonly scopes: readonly string[];
  readonly expires_at?: string | undefined;
}

/** The one project and the one group, by their ids and by their paths. */
export const PROJECT = 'team/app';
const GROUP = 'team';
const holders: Readonly<Record<string, string>> = {
  'projects/4711': PROJECT,
  [`projects/${PROJECT}`]: PROJECT,
  'groups/52': GROUP,
  [`groups/${GROUP}`]: GROUP,
};

/** The path of an existing project or group. */
export const holderOf = (kind: string, id: string): string | undefined => holders[`${kind}/${id}`];

/** A token is good to the end of the day of its `expires_at` (app/models/deploy_token.rb). */
const endOf = (expiresAt: string): Date =>
  new Date((Math.floor(Date.parse(expiresAt) / DAY) + 1) * DAY);

/** The deploy tokens of the one project and the one group, for the API. */
export type GitlabModel = ReturnType<typeof gitlabModel>;

/** Deploy tokens. Two tokens may have the same name and the same username. */
export function gitlabModel({
  random,
  ledger,
}: Pick<Parts<Details, Behaviour>, 'random' | 'ledger'>) {
  const held = (holder: string) => ledger.undeleted().filter(({ owner }) => owner === holder);
  return {
    /** Includes expired tokens. */
    tokens: (holder: string): DeployToken[] => held(holder),
    token: (holder: string, id: string): DeployToken | undefined =>
      held(holder).find((found) => found.id === id),
    add(holder: string, { name, username, scopes, expires_at }: Wanted, label = username ?? name) {
      const id = String(1 + Math.max(0, ...ledger.credentials().map((one) => Number(one.id))));
      const token = `gldt-${hex(10, random)}`;
      const made = ledger.add(
        {
          id,
          label,
          username: username ?? `gitlab+deploy-token-${id}`,
          owner: holder,
          scopes: [{ name, scopes, expires_at: expires_at ?? null }],
          expiresAt: expires_at === undefined ? undefined : endOf(expires_at),
        },
        token,
      );
      return { made, token };
    },
    remove: (found: DeployToken): void => ledger.remove(found),
  };
}
