import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { HttpAnswer } from '../../../lib/core/ports.ts';
import { jsonApi } from '../../../lib/providers/client/index.ts';
import { recorder } from './recorder.ts';

const Item = z.object({ id: z.string() });
const Page = z.object({
  items: z.array(Item),
  total: z.number().optional(),
  next: z.string().nullish(),
});
const List = z.array(Item).transform((items) => ({ items }));
type At = string | ((at: { offset: number; page: number }) => string);

/** `count` items, the first with this number. */
const items = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `id-${first + index}` }));

/** Reads a list from a vendor that answers like this; up to 1,000 requests. */
async function read(
  at: At,
  schema: typeof Page | typeof List,
  answer: (url: URL) => { body: unknown; headers?: HttpAnswer['headers'] },
) {
  const { call, requests } = recorder(({ url }) => {
    const { body, headers = {} } = answer(new URL(url));
    return { body: JSON.stringify(body), headers };
  });
  const ids: string[] = [];
  const error = await (async () => {
    for await (const { id } of jsonApi(call, { vendor: 'acme' }).pages('list', at, schema))
      ids.push(id);
  })().catch((reason: unknown) => reason);
  return { ids, error, paths: requests.map(({ url }) => url.replace(call.endpoint, '')) };
}

const byOffset: At = ({ offset }) => `/keys?offset=${offset}`;
const byPage: At = ({ page }) => `/keys?page=${page}`;
const number = (url: URL, name: string) => Number(url.searchParams.get(name));
const endless = {
  code: 'bad-answer',
  message: 'acme: list: status 200: the pages do not come to an end',
};

describe('numbered pages', () => {
  test('pages reads numbered pages by offset to the total in the body', async () => {
    const { ids, error, paths } = await read(byOffset, Page, (url) => ({
      body: { items: items(number(url, 'offset'), 2), total: 5 },
    }));
    expect(error).toBeUndefined();
    expect(ids).toEqual(['id-0', 'id-1', 'id-2', 'id-3', 'id-4', 'id-5']);
    expect(paths).toEqual(['/keys?offset=0', '/keys?offset=2', '/keys?offset=4']);
  });

  test.each(['x-total-count', 'x-total'])(
    'pages reads numbered pages to the total in %s',
    async (name) => {
      const { ids, paths } = await read(byPage, List, (url) => ({
        body: items(number(url, 'page') * 10, 2),
        headers: { [name]: '4' },
      }));
      expect(ids).toEqual(['id-10', 'id-11', 'id-20', 'id-21']);
      expect(paths).toEqual(['/keys?page=1', '/keys?page=2']);
    },
  );

  test('pages reads numbered pages without a total to the first empty one', async () => {
    const { ids, error, paths } = await read(byPage, List, (url) => {
      const page = number(url, 'page');
      return { body: page > 3 ? [] : items(page * 10, page === 2 ? 1 : 3) };
    });
    expect(error).toBeUndefined();
    expect(ids).toHaveLength(7);
    expect(paths).toHaveLength(4);
  });

  test('pages returns an item once, even if it moves between two pages', async () => {
    const { ids } = await read(byOffset, Page, (url) => ({
      body: { items: items(number(url, 'offset') === 0 ? 1 : 2, 2), total: 4 },
    }));
    expect(ids).toEqual(['id-1', 'id-2', 'id-3']);
  });

  test('pages refuses numbered pages that repeat or end before the total', async () => {
    const same = () => ({ body: { items: items(1, 1), total: 99 } });
    expect((await read(byOffset, Page, same)).error).toMatchObject(endless);
    const empty = () => ({ body: { items: [], total: 99 } });
    expect((await read(byOffset, Page, empty)).error).toMatchObject(endless);
  });

  test('pages gives up on numbered pages without an end', async () => {
    const { error, paths } = await read(byPage, List, (url) => ({
      body: items(number(url, 'page'), 1),
    }));
    expect(error).toMatchObject(endless);
    expect(paths).toHaveLength(500);
  });
});

describe('pages that name the next one', () => {
  const header = (link: string) => (url: URL) => {
    const page = number(url, 'page');
    const headers: Record<string, string> = {};
    if (page < 3) headers.link = link.replace('N', `${page + 1}`);
    return { body: items(page, 1), headers };
  };

  test.each([
    '<https://api.acme.test/keys?page=N>; rel="next"',
    '<https://api.acme.test/keys?page=9>; rel="last", </keys?page=N>; rel="next"',
    '</keys?page=N>; rel=next',
    '<?page=N>;rel="next"',
  ])('pages follows the next page in the header %s to the end', async (link) => {
    const { ids, error, paths } = await read('/keys?page=1', List, header(link));
    expect(error).toBeUndefined();
    expect(ids).toEqual(['id-1', 'id-2', 'id-3']);
    expect(paths).toEqual(['/keys?page=1', '/keys?page=2', '/keys?page=3']);
  });

  test('pages follows the next page in the body to the end', async () => {
    const { ids, paths } = await read('/keys', Page, (url) => {
      const page = number(url, 'page');
      return { body: { items: items(page, 1), next: page < 2 ? `/keys?page=${page + 1}` : null } };
    });
    expect(ids).toEqual(['id-0', 'id-1', 'id-2']);
    expect(paths).toEqual(['/keys', '/keys?page=1', '/keys?page=2']);
  });

  test.each([
    'https://evil.test/keys?page=2',
    'http://api.acme.test/keys?page=2',
    'https://api.acme.test.evil.test/keys',
    'https://api.acme.test:8443/keys',
    'https://user@api.acme.test/keys',
    '//evil.test/keys',
    'https://',
  ])('pages does not follow a next page at %s, outside the API', async (next) => {
    const { error, paths } = await read('/keys', Page, () => ({
      body: { items: items(1, 1), next },
    }));
    expect(error).toMatchObject({
      code: 'bad-answer',
      message: expect.not.stringContaining('evil'),
    });
    expect(paths).toHaveLength(1);
  });

  test('pages gives up on a page that names itself as the next', async () => {
    const { error, paths } = await read('/keys', Page, () => ({
      body: { items: items(1, 1), next: '/keys' },
    }));
    expect(error).toMatchObject(endless);
    expect(paths).toHaveLength(2);
  });
});
