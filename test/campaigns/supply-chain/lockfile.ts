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

/** Licences that what is deployed may have: they ask for a notice and nothing more. */
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
/** Those that tools may have besides: what they are applied to stays as it is. */
const ofTools = new Set([...permissive, 'MPL-2.0', 'PSF-2.0', 'Python-2.0']);

const folder = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)$/;

/**
 * What is wrong with the packages that an installation would bring: one that is not held to a
 * checksum, that comes from an address of its own, that runs a script nobody allowed, that bears
 * another name, or a licence that was not agreed to.
 */
export function problems(
  lock: z.infer<typeof lockfile>,
  wanted: z.infer<typeof manifest>,
): string[] {
  const found: string[] = [];
  for (const [name, spec] of Object.entries({
    ...wanted.dependencies,
    ...wanted.devDependencies,
  })) {
    if (!/^\d+\.\d+\.\d+$/.test(spec))
      found.push(`package.json: ${name} is wanted as "${spec}"; expected one exact version`);
  }
  for (const [path, one] of Object.entries(lock.packages)) {
    if (path === '') continue;
    const name = folder.exec(path)?.[1];
    const refuse = (what: string) => found.push(`${path}: ${what}`);
    if (!name || one.link) {
      refuse('is no package of a registry; expected one');
      continue;
    }
    if (one.name !== undefined && one.name !== name)
      refuse(`is ${one.name} by another name; expected ${name} itself`);
    if (one.resolved !== undefined)
      refuse('comes from an address of its own; expected that of the registry that is set up');
    if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(checksum(lock, path) ?? ''))
      refuse('has no checksum; expected sha512');
    if (one.hasInstallScript && wanted.allowScripts[name] !== true)
      refuse('runs a script when installed; allowScripts does not name it');
    const allowed = one.dev || one.devOptional ? ofTools : permissive;
    if (!agreed(one.license, allowed))
      refuse(
        `has the licence ${one.license ?? '(none)'}; expected one of ${[...allowed].join(', ')}`,
      );
  }
  return found;
}

/** Its own; what is packed into another package is held by the checksum of that one. */
function checksum(lock: z.infer<typeof lockfile>, path: string): string | undefined {
  const { integrity, inBundle } = lock.packages[path] ?? {};
  const above = path.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, '');
  return integrity || !inBundle || above === '' ? integrity : checksum(lock, above);
}

/**
 * An SPDX expression: of what is joined with OR one has to be allowed, of what is joined with AND
 * all.
 */
function agreed(expression: string | undefined, allowed: ReadonlySet<string>): boolean {
  const alternatives = (expression ?? '').replace(/[()]/g, '').split(' OR ');
  return alternatives.some((one) =>
    one.split(' AND ').every((licence) => allowed.has(licence.trim())),
  );
}
