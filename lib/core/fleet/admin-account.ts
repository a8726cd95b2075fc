import type { Fleet } from './target.ts';

/** Targets whose credentials are issued with one admin credential. */
export interface AdminAccount {
  readonly provider: string;
  readonly admin: string;
}

export const accountOf = ({ provider, admin }: AdminAccount): string => `${provider} ${admin}`;

/**
 * Every admin account that has issued credentials of the fleet, and may have left some: those of
 * former places too.
 */
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
