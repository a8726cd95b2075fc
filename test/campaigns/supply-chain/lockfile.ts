import * as z from 'zod';

const entry = z.object({
  version: z.string().optional(),
  name: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  hasInstallScript: z.boolean().optional(),
  inBundle: z.boolean().optional(),
  link: z.boolean().optional(),
  dev: z.boolean().optional(),
  devOptional: z.boolean().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
export const lockfile = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(z.string(), entry),
});
export const manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
  allowScripts: z.record(z.string(), z.boolean()),
});

/** Licenses of deployed packages: they require a notice and nothing more. */
const permissive = new Set([
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
]);
/** Licenses of tools, in addition: they do not affect the files that the tools process. */
const ofTools = new Set([...permissive, 'MPL-2.0', 'PSF-2.0', 'Python-2.0']);

const folder = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)$/;

/**
 * The problems with the packages that an installation would bring: a package without a checksum,
 * from another address, with an unlisted install script, with another name, or with a license that
 * is not allowed.
 *
 * @param bundled paths of packages whose code is deployed, although they are devDependencies
 */
export function problems(
  lock: z.infer<typeof lockfile>,
  wanted: z.infer<typeof manifest>,
  bundled: ReadonlySet<string> = new Set(),
): string[] {
  const found: string[] = [];
  for (const [name, spec] of Object.entries({
    ...wanted.dependencies,
    ...wanted.devDependencies,
  })) {
    if (!/^\d+\.\d+\.\d+$/.test(spec))
      found.push(`package.json: ${name} has the range "${spec}"; expected one exact version`);
  }
  for (const [path, one] of Object.entries(lock.packages)) {
    if (path === '') continue;
    const name = folder.exec(path)?.[1];
    const refuse = (what: string) => found.push(`${path}: ${what}`);
    if (!name || one.link) {
      refuse('is not a package of a registry; expected one');
      continue;
    }
    if (one.name !== undefined && one.name !== name)
      refuse(`is ${one.name} by another name; expected ${name} itself`);
    if (one.resolved !== undefined)
      refuse('comes from an address of its own; expected the configured registry');
    if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(checksum(lock, path) ?? ''))
      refuse('has no checksum; expected sha512');
    if (one.hasInstallScript && wanted.allowScripts[name] !== true)
      refuse('runs an install script; allowScripts does not list it');
    const isTool = (one.dev || one.devOptional) && !bundled.has(path);
    const allowed = isTool ? ofTools : permissive;
    if (!agreed(one.license, allowed))
      refuse(
        `has the license ${one.license ?? '(none)'}; expected one of ${[...allowed].join(', ')}`,
      );
  }
  return found;
}

/** Its own checksum. A package inside another one is covered by that one's checksum. */
function checksum(lock: z.infer<typeof lockfile>, path: string): string | undefined {
  const { integrity, inBundle } = lock.packages[path] ?? {};
  const above = path.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, '');
  return integrity || !inBundle || above === '' ? integrity : checksum(lock, above);
}

/** An SPDX expression: one license of an OR must be allowed, and all licenses of an AND. */
function agreed(expression: string | undefined, allowed: ReadonlySet<string>): boolean {
  const alternatives = (expression ?? '').replace(/[()]/g, '').split(' OR ');
  return alternatives.some((one) =>
    one.split(' AND ').every((license) => allowed.has(license.trim())),
  );
}
