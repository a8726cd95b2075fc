import type * as z from 'zod';
import type { ApiAnswer } from './answer.ts';

/** One page of a list, as a schema reads it. */
export interface Page<Item> {
  /** The items of this page. */
  readonly items: readonly Item[];
  /** Items of the whole list, if the body says so. */
  readonly total?: number | undefined;
  /** URL or path of the next page, if the body names it; `null` or absent at the last. */
  readonly next?: string | null | undefined;
}

/** The path of a page: `offset` counts the items before it, `page` begins at 1. */
export type PageAt = (at: { readonly offset: number; readonly page: number }) => string;

interface Source {
  readonly endpoint: string;
  readonly list: (path: string) => Promise<ApiAnswer>;
}

/** The most pages of a list. A longer list counts as endless. */
const MAX_PAGES = 500;

/**
 * Reads a list to its end. If the pages are numbered, `at` is a function, and the list ends at the
 * total in the body or in a header, or else at the first empty page. If each page names the next,
 * in the body or in `Link` (RFC 8288), `at` is the path of the first. An item that moves between
 * two pages meanwhile is returned once. Throws `bad-answer` if the pages do not end.
 */
export async function* pages<Item extends { readonly id: string }>(
  { endpoint, list }: Source,
  at: string | PageAt,
  schema: z.ZodType<Page<Item>>,
): AsyncGenerator<Item> {
  const seen = new Set<string>();
  let path: string | undefined = typeof at === 'string' ? at : at({ offset: 0, page: 1 });
  for (let offset = 0, page = 1; path !== undefined; page++) {
    const answer = await list(path);
    const { items, total = totalIn(answer), next = linkIn(answer) } = answer.read(schema);
    const known = seen.size;
    for (const item of items) {
      if (seen.has(item.id)) continue;
      seen.add(item.id);
      yield item;
    }
    offset += items.length;
    const last = total === undefined ? items.length === 0 : offset >= total;
    if (typeof at === 'string') path = next ? below(endpoint, path, next, answer) : undefined;
    else path = last ? undefined : at({ offset, page: page + 1 });
    if (path !== undefined && (seen.size === known || page === MAX_PAGES))
      throw answer.error('bad-answer', 'the pages do not come to an end');
  }
}

/** Harbor sends the first of these headers, GitLab the second. */
function totalIn({ headers }: ApiAnswer): number | undefined {
  const total = headers['x-total-count'] ?? headers['x-total'] ?? '';
  return /^\d{1,9}$/.test(total) ? Number(total) : undefined;
}

const linkIn = ({ headers }: ApiAnswer): string | undefined =>
  /<([^>]*)>[^,<]*;\s*rel="?next"?/i.exec(headers.link ?? '')?.[1];

/** The path of the next page. The admin credential is sent to the endpoint only. */
function below(endpoint: string, path: string, next: string, answer: ApiAnswer): string {
  const url = URL.parse(next, `${endpoint}${path}`)?.href ?? '';
  if (url.startsWith(`${endpoint}/`) || url.startsWith(`${endpoint}?`))
    return url.slice(endpoint.length);
  throw answer.error('bad-answer', 'the next page is at another address');
}
