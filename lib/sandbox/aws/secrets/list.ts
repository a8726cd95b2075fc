import * as z from 'zod';
import { type Account, now } from '../account.ts';
import { operation } from '../operation.ts';
import { page, pageToken } from '../page.ts';
import type { SecretState } from '../state.ts';
import { filters, matching } from './filter.ts';
import { describe, purge, stagesMap } from './secret.ts';

/** How old the snapshot behind ListSecrets may be. */
export interface ListLag {
  /** In milliseconds; AWS documents up to five minutes. 0: no lag. */
  ms: number;
}

const sortKeys = {
  'created-date': ({ createdAt }: SecretState) => createdAt,
  'last-accessed-date': ({ accessedAt }: SecretState) => accessedAt ?? 0,
  'last-changed-date': ({ changedAt }: SecretState) => changedAt,
  name: ({ name }: SecretState) => name,
};

const input = z.object({
  Filters: filters.optional(),
  IncludePlannedDeletion: z.boolean().optional(),
  MaxResults: z.int().min(1).max(100).optional(),
  NextToken: pageToken.optional(),
  SortOrder: z.enum(['asc', 'desc']).optional(),
  SortBy: z.enum(['created-date', 'last-accessed-date', 'last-changed-date', 'name']).optional(),
});

/**
 * ListSecrets, up to 100 a page, from a snapshot that is at most `lag.ms` milliseconds old. Leaves
 * out secrets that are scheduled for deletion unless IncludePlannedDeletion is set.
 */
export function listSecrets(account: Account, lag: ListLag) {
  const secrets = laggingSecrets(account, lag);
  return operation(
    input,
    ({ Filters, IncludePlannedDeletion, MaxResults, NextToken, SortOrder, SortBy }) => {
      const listed = secrets().filter(
        ({ deletionAt }) => IncludePlannedDeletion || deletionAt === undefined,
      );
      const key = sortKeys[SortBy ?? 'created-date'];
      const sorted = matching(listed, Filters ?? []).sort(
        (a, b) => compare(key(a), key(b)) || compare(a.arn, b.arn),
      );
      if (SortOrder === 'desc') sorted.reverse();
      const { items, next } = page(sorted, NextToken, MaxResults ?? 100);
      return {
        SecretList: items.map((one) => ({
          ...describe(one),
          SecretVersionsToStages: stagesMap(one),
        })),
        NextToken: next,
      };
    },
  );
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : Number(a > b));

function laggingSecrets(account: Account, lag: ListLag): () => readonly SecretState[] {
  let picture: { readonly takenAt: number; readonly secrets: readonly SecretState[] } | undefined;
  return () => {
    purge(account);
    if (lag.ms === 0) return account.state.secrets;
    const time = now(account);
    if (picture === undefined || picture.takenAt + lag.ms <= time) {
      picture = { takenAt: time, secrets: structuredClone(account.state.secrets) };
    }
    return picture.secrets;
  };
}
