import type { Fleet } from './target.ts';

/** The targets whose credentials are issued with one admin credential share its account. */
export interface AdminAccount {
  readonly provider: string;
  readonly admin: string;
}

/** The key of an admin account, `<provider> <admin secret>`, for maps and logs. */
export const accountOf = ({ provider, admin }: AdminAccount): string => `${provider} ${admin}`;

/** Every admin account that may have live credentials of the fleet, also at former places. */
export function accountsOf({ targets }: Fleet): readonly AdminAccount[] {
  const accounts = targets.flatMap(({ provider, admin, former = [] }) => [
    { provider, admin },
    ...former,
  ]);
  return [
    ...new Map(
      accounts.map(({ provider, admin }) => [accountOf({ provider, admin }), { provider, admin }]),
    ).values(),
  ];
}
