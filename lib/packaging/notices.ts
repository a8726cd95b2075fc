import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package whose code is in a bundle. */
interface Notice {
  /** Name and version. */
  readonly title: string;
  readonly license: string;
  /** License and notice files, or the author if the package brings none. */
  readonly text: string;
}

/**
 * The licenses of packages that are bundled, as they require. Packages with the same text share it.
 *
 * @param folders their folders, such as node_modules/zod
 */
export function notices(folders: Iterable<string>): string {
  const byText = Map.groupBy([...folders].sort().map(noticeOf), ({ text }) => text);
  const parts = [...byText].map(([text, packages]) => {
    const titles = packages.map(({ title, license }) => `${title} (${license})`);
    return `${[...new Set(titles)].join('\n')}\n\n${text}\n`;
  });
  return [HEAD, ...parts].join(`\n${'-'.repeat(80)}\n\n`);
}

const HEAD =
  'Files of this package contain code of the packages below, each under its own license.\n';

function noticeOf(folder: string): Notice {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
    readonly author?: string | { readonly name?: string };
  };
  const { name, version, license = 'no license stated', author } = manifest;
  const files = readdirSync(folder).filter((file) => /^(licen[sc]e|copying|notice)/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  const by = (typeof author === 'string' ? author : author?.name) ?? 'its authors';
  const text = texts.join('\n\n') || `No license text comes with the package. Copyright: ${by}.`;
  return { title: `${name} ${version}`, license, text };
}
