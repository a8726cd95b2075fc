import type * as z from 'zod';
import { uuidv5 } from '../../../lib/core/ids/uuid.ts';
import type { lockfile } from './lockfile.ts';

type Lock = z.infer<typeof lockfile>;

interface Project {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/**
 * The content of a release as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): every package
 * of the lockfile that is not for development or whose code is in a bundle, with checksum, license
 * and dependencies. A package is required if its code is in a function. The others are excluded:
 * only the command and its demonstration use them, or nothing does. The same lockfile and bundles
 * give the same list, byte by byte.
 *
 * @param deployed paths of the packages whose code is in a function
 * @param bundled paths of the packages whose code is in any published file
 */
export function billOfMaterials(
  lock: Lock,
  { name, version, license }: Project,
  deployed: ReadonlySet<string>,
  bundled: ReadonlySet<string>,
) {
  const listed = Object.entries(lock.packages).filter(
    ([path, { dev, devOptional }]) => path !== '' && ((!dev && !devOptional) || bundled.has(path)),
  );
  const refs = new Map(listed.map(([path, one]) => [path, purl(nameOf(path), one.version ?? '')]));
  const own = purl(name, version);
  // a package may be installed in several places
  const inFunction = new Set([...deployed].map((path) => refs.get(path)));
  const components = new Map(
    listed.map(([path, one]) => {
      const ref = refs.get(path) ?? '';
      const [scope, plain] = nameOf(path).startsWith('@')
        ? nameOf(path).split('/')
        : [undefined, nameOf(path)];
      const content = Buffer.from(one.integrity?.replace('sha512-', '') ?? '', 'base64').toString(
        'hex',
      );
      const component = {
        type: 'library',
        'bom-ref': ref,
        ...(scope && { group: scope }),
        name: plain,
        version: one.version,
        scope: inFunction.has(ref) ? 'required' : 'excluded',
        hashes: [{ alg: 'SHA-512', content }],
        licenses: licence(one.license ?? ''),
        purl: ref,
      };
      return [ref, component];
    }),
  );
  const edges = ['', ...refs.keys()].map((path) => {
    const { dependencies, optionalDependencies, devDependencies } = lock.packages[path] ?? {};
    // the bundles contain code of development packages of the project
    const bundles = path === '' ? devDependencies : {};
    const wanted = Object.keys({ ...dependencies, ...optionalDependencies, ...bundles });
    return [
      refs.get(path) ?? own,
      wanted.flatMap((one) => refs.get(resolved(lock, path, one)) ?? []),
    ] as const;
  });
  const dependencies = [...new Map(edges)].map(([ref, dependsOn]) => ({
    ref,
    dependsOn: [...new Set(dependsOn)].sort(),
  }));
  const content = { components: [...components.values()], dependencies };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidv5(['bill of materials', own, JSON.stringify(content)])}`,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': own,
        name,
        version,
        licenses: licence(license),
        purl: own,
      },
    },
    ...content,
  };
}

const nameOf = (path: string): string => path.replace(/^.*node_modules\//, '');

const purl = (name: string, version: string): string =>
  `pkg:npm/${name.replace('@', '%40')}@${version}`;

const licence = (text: string) =>
  / (OR|AND|WITH) /.test(text) ? [{ expression: text }] : [{ license: { id: text } }];

/**
 * The folder in which Node finds a package that code in another folder imports: below it, or
 * further up.
 */
function resolved({ packages }: Lock, from: string, name: string): string {
  for (let folder = from; ; folder = folder.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, '')) {
    const path = `${folder}${folder && '/'}node_modules/${name}`;
    if (packages[path] || folder === '') return path;
  }
}
