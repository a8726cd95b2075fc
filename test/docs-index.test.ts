import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('docs/README.md links every page of the documentation', () => {
  const index = readFileSync('docs/README.md', 'utf8');
  const pages = globSync('docs/**/*.md')
    .map((page) => page.replaceAll('\\', '/').replace(/^docs\//, ''))
    .filter((page) => page !== 'README.md');
  expect(pages.length).toBeGreaterThan(30);
  expect(pages.filter((page) => !index.includes(`(${page})`))).toEqual([]);
});

test('every heading that a page links to exists', () => {
  const slugs = (page: string): string[] =>
    [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
  const broken = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'SECURITY.md',
    ...globSync('docs/**/*.md'),
  ].flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]*)#([\w-]+)\)/g)]
      .map(([, path = '', anchor = '']) => ({
        path: path ? new URL(path, `file:///${page}`).pathname.slice(1) : page,
        anchor,
      }))
      .filter(({ path, anchor }) => path.endsWith('.md') && !slugs(path).includes(anchor))
      .map(({ path, anchor }) => `${page}: ${path}#${anchor}`),
  );
  expect(broken).toEqual([]);
});
